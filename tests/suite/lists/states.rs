//! Filters by state repeat rules of `domain` in SQL; both give the same result for every workshop.

use std::collections::BTreeMap;

use chrono::{SecondsFormat, TimeDelta};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, now, on_each_database};
use uuid::Uuid;

use super::sql;

/// Workshops in all combinations of the relevant columns, with instants just before now, now, and just after.
fn workshops(app: &TestApp) -> Vec<String> {
    let moment = TimeDelta::microseconds(1);
    let instants: Vec<_> = [-moment, TimeDelta::zero(), moment]
        .iter()
        .map(|from_now| format!("'{}'", (now() + *from_now).to_rfc3339_opts(SecondsFormat::AutoSi, false)))
        .collect();
    let with_none = || std::iter::once("NULL".to_owned()).chain(instants.clone()).collect::<Vec<_>>();
    let mut sessions = vec![("NULL".to_owned(), "NULL".to_owned())];
    for (number, starts_at) in instants.iter().enumerate() {
        sessions.extend(instants[number + 1..].iter().map(|ends_at| (starts_at.clone(), ends_at.clone())));
    }
    sessions.push((instants[0].clone(), "'9999-12-31T23:59:59.999999+00:00'".to_owned()));
    let seats = ["NULL, 3", "2, 0", "2, 2", "0, 0"];
    let lines = ["true, NULL, 0", "true, NULL, 5", "true, 1, 0", "true, 1, 1", "true, 0, 0", "false, NULL, 0"];
    let mut rows = Vec::new();
    for stage in 0..3 {
        for (opens_at, closes_at) in
            with_none().iter().flat_map(|a| with_none().into_iter().map(move |b| (a.clone(), b)))
        {
            if opens_at != "NULL" && closes_at != "NULL" && opens_at >= closes_at {
                continue;
            }
            for (starts_at, ends_at) in &sessions {
                for (number, seats) in seats.iter().enumerate() {
                    // While a seat is free, the waitlist does not matter.
                    for line in if number < 2 { &lines[5..] } else { &lines[..] } {
                        let id = sql(app, Uuid::now_v7());
                        rows.push(format!(
                            "({id}, 'A workshop', {stage}, {opens_at}, {closes_at}, {starts_at}, {ends_at}, {seats}, \
                             {line}, '2027-03-01T12:00:00+00:00', '2027-03-01T12:00:00+00:00')"
                        ));
                    }
                }
            }
        }
    }
    rows
}

/// The number of workshops for each value of a field, among those that match a filter.
async fn count_by(app: &TestApp, field: &str, filter: &str) -> BTreeMap<String, usize> {
    let (mut tally, mut cursor) = (BTreeMap::new(), Value::Null);
    loop {
        let page = format!(
            "query ($cursor: String) {{ workshops(first: 100, after: $cursor, filter: {{ {filter} }}) {{
                nodes {{ {field} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let answer = app.graphql(&page, &json!({ "cursor": cursor })).await;
        for workshop in answer.field()["nodes"].as_array().unwrap() {
            *tally.entry(workshop[field].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let info = &answer.field()["pageInfo"];
        if info["hasNextPage"] == false {
            return tally;
        }
        cursor = info["endCursor"].clone();
    }
}

#[apply(on_each_database)]
async fn filters_by_state_match_the_rules_of_the_domain(app: TestApp) {
    let rows = workshops(&app);
    let insert = "INSERT INTO workshops (id, title, stage, registration_opens_at, registration_closes_at, starts_at, \
                  ends_at, capacity, seats_taken, waitlist_enabled, waitlist_limit, waitlist_length, created_at, \
                  updated_at) VALUES";
    app.database.execute(&format!("{insert} {}", rows.join(", "))).await.unwrap();
    for (field, argument, states) in [
        ("status", "status", &["DRAFT", "PUBLISHED", "CANCELLED", "COMPLETED"][..]),
        ("registrationState", "registrationState", &["NOT_YET_OPEN", "OPEN", "WAITLIST_ONLY", "FULL", "CLOSED"]),
    ] {
        let all = count_by(&app, field, "").await;
        assert_eq!(all.values().sum::<usize>(), rows.len());
        assert_eq!(all.len(), states.len(), "every state occurs: {all:?}");
        for state in states {
            let found = count_by(&app, field, &format!("{argument}: [{state}]")).await;
            assert_eq!(found, BTreeMap::from([((*state).to_owned(), all[*state])]));
        }
        let two = count_by(&app, field, &format!("{argument}: [{}, {}]", states[0], states[3])).await;
        assert_eq!(two, BTreeMap::from([0, 3].map(|which| (states[which].to_owned(), all[states[which]]))));
        assert_eq!(count_by(&app, field, &format!("{argument}: []")).await, BTreeMap::new());
    }
}
