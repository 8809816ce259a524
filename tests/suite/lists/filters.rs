use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};

use super::{each, listed};
use crate::journal::wait_for_entries;

#[apply(on_each_database)]
async fn a_date_filter_uses_the_time_zone_of_the_session(app: TestApp) {
    // From 20:00 to 21:00 UTC on 2 March: at noon in Los Angeles, in the evening in Berlin, after midnight in Kolkata.
    let hours = TimeDelta::hours;
    for (title, zone) in
        [("b", "Europe/Berlin"), ("k", "Asia/Kolkata"), ("l", "America/Los_Angeles"), ("p", "Europe/Paris")]
    {
        let center = app.center_in(zone, zone).await;
        app.given_at(center, a_workshop().title(title).sessions([hours(32)])).await;
    }
    // A course of two evenings a week apart, and a third one that is cancelled.
    let course = app.given(a_workshop().title("course").sessions([hours(32), hours(200), hours(400)])).await;
    let called_off = "UPDATE sessions SET cancelled_at = starts_at WHERE starts_at > '2027-03-15T00:00:00+00:00'";
    assert_eq!(app.database.execute(called_off).await.unwrap(), 1);
    app.given(a_workshop().title("unplanned")).await;
    let on = async |filter: &str| {
        listed(&app, "workshops", &format!("orderBy: {{ field: TITLE }}, filter: {{ {filter} }}"), "title").await
    };
    let days = async |from: &str, to: &str| on(&format!("onDates: {{ from: {from:?}, to: {to:?} }}")).await;
    assert_eq!(days("2027-03-02", "2027-03-02").await, ["b", "course", "l", "p"]);
    assert_eq!(days("2027-03-03", "2027-03-03").await, ["k"]);
    assert_eq!(days("2027-03-02", "2027-03-03").await, ["b", "course", "k", "l", "p"]);
    assert_eq!(days("2027-03-04", "2027-03-31").await, ["course"]);
    assert_eq!(days("2027-03-10", "2027-03-31").await, [""; 0]);
    assert_eq!(days("2027-03-03", "2027-03-02").await, [""; 0], "an empty range");
    assert_eq!(
        on(&format!("onDates: {{ from: \"2027-03-02\", to: \"2027-03-02\" }}, centerId: {:?}", course.center)).await,
        ["course"]
    );

    let period = async |range: &str| on(&format!("period: {{ {range} }}")).await.len();
    assert_eq!(period(r#"from: "2027-03-02T20:30:00Z", until: "2027-03-02T20:31:00Z""#).await, 5, "during the session");
    assert_eq!(
        period(r#"from: "2027-03-02T21:00:00Z", until: "2027-03-02T22:00:00Z""#).await,
        0,
        "the session has just ended"
    );
    assert_eq!(period(r#"from: "2027-03-02T20:59:59Z""#).await, 5);
    assert_eq!(period(r#"until: "2027-03-02T20:00:00Z""#).await, 0, "the session has not started");
    assert_eq!(period(r#"until: "2027-03-02T20:00:00.000001Z""#).await, 5);
    assert_eq!(period("").await, 5, "an empty period matches every session");
    assert_eq!(period(r#"from: "2027-03-02T20:31:00Z", until: "2027-03-02T20:30:00Z""#).await, 0, "an empty interval");
    let no_day = "{ workshops(filter: { onDates: { from: \"2027-02-29\", to: \"2027-03-01\" } }) { totalCount } }";
    assert_eq!(app.graphql(no_day, &Value::Null).await.error_code(), "BAD_USER_INPUT");
}

#[apply(on_each_database)]
async fn workshops_are_filtered_by_available_seats(app: TestApp) {
    let two = app.given(a_workshop().title("two").capacity(2)).await;
    app.given(a_workshop().title("none").capacity(0)).await;
    app.given(a_workshop().title("unlimited").capacity(None)).await;
    let seats = async |least: i32| {
        listed(&app, "workshops", &format!("filter: {{ seatsAvailableAtLeast: {least} }}"), "title").await
    };
    assert_eq!(seats(2).await, ["two", "unlimited"]);
    app.register(&two, "ann").await.registration();
    assert_eq!(seats(2).await, ["unlimited"]);
    assert_eq!(seats(1).await, ["two", "unlimited"]);
    assert_eq!(seats(i32::MAX).await, ["unlimited"]);
    for least in [0, -1, i32::MIN] {
        assert_eq!(seats(least).await, ["two", "none", "unlimited"]);
    }
}

#[apply(on_each_database)]
async fn registrations_are_filtered_by_every_relation(app: TestApp) {
    let center = app.center("A center").await;
    let past = app.given_at(center, a_workshop().title("past").track(9).sessions([TimeDelta::hours(5)])).await;
    let unplanned = app.given_at(center, a_workshop().title("unplanned")).await;
    let elsewhere = app.given(a_workshop().title("elsewhere").sessions([TimeDelta::days(7)])).await;
    let mut input = app.input(&past, "bob").await;
    input["trackId"] = past.tracks[1].into();
    app.register(&past, "ann").await.registration();
    app.register_with(&past, &input).await.registration();
    app.set_time(tests::now() + TimeDelta::hours(1));
    app.register(&unplanned, "ann").await.registration();
    app.waitlist(&unplanned, "cem").await.registration();
    app.register(&elsewhere, "ann").await.registration();
    app.set_time(tests::now() + TimeDelta::hours(6));

    let (ann, bob) = (app.guest("ann").await, app.guest("bob").await);
    let found = async |filter: String| {
        let query = format!(
            "{{ registrations(filter: {{ {filter} }}) {{ totalCount statusCounts {{ status count }}
                nodes {{ guest {{ givenName }} workshop {{ title }} }} }} }}"
        );
        let list = app.query(&query).await;
        let nodes = list["nodes"].as_array().unwrap();
        let counts = list["statusCounts"].as_array().unwrap().iter().map(|count| count["count"].as_u64().unwrap());
        assert_eq!(list["totalCount"], nodes.len());
        assert_eq!(counts.sum::<u64>(), nodes.len() as u64);
        let text = |of: &Value, field: &str| of[field].as_str().unwrap().to_owned();
        let names =
            nodes.iter().map(|node| text(&node["guest"], "givenName") + " " + &text(&node["workshop"], "title"));
        names.collect::<Vec<_>>()
    };
    let all = ["ann past", "bob past", "ann unplanned", "cem unplanned", "ann elsewhere"];
    assert_eq!(found(String::new()).await, all);
    assert_eq!(found(format!("workshopId: {:?}", past.id)).await, all[..2]);
    assert_eq!(found(format!("trackId: {}", past.tracks[1])).await, ["bob past"]);
    assert_eq!(found(format!("trackId: {}, workshopId: {:?}", past.tracks[1], unplanned.id)).await, [""; 0]);
    assert_eq!(found(format!("centerId: {:?}", center.to_string())).await, all[..4]);
    assert_eq!(found(format!("guestId: {ann:?}")).await, ["ann past", "ann unplanned", "ann elsewhere"]);
    assert_eq!(found("status: [WAITLISTED]".to_owned()).await, ["cem unplanned"]);
    assert_eq!(found(r#"registered: { from: "2027-03-01T13:00:00Z" }"#.to_owned()).await, all[2..]);
    assert_eq!(found(r#"registered: { until: "2027-03-01T13:00:00Z" }"#.to_owned()).await, all[..2]);
    assert_eq!(found("when: PAST".to_owned()).await, all[..2]);
    assert_eq!(found("when: UPCOMING".to_owned()).await, all[2..]);
    assert_eq!(
        found(format!("guestId: {ann:?}, when: UPCOMING, centerId: {:?}", center.to_string())).await,
        ["ann unplanned"]
    );
    for nothing in ["trackId: -1", "guestId: \"nobody\"", "workshopId: \"gst_1\"", "centerId: \"\"", "status: []"] {
        assert_eq!(found(nothing.to_owned()).await, [""; 0], "{nothing}");
    }

    // Past and upcoming registrations of many guests take one statement each.
    let split = "{ guests { nodes { givenName
        past: registrations(filter: { when: PAST }) { totalCount nodes { workshop { title } } }
        upcoming: registrations(filter: { when: UPCOMING }) { totalCount statusCounts { status count } } } } }";
    let (statements, guests) = app.statements(app.query(split)).await;
    assert_eq!(statements, 7, "guests, two pages, the workshops of one, two lengths, states");
    let bob_is = json!({ "givenName": "bob", "past": { "totalCount": 1, "nodes": [{ "workshop": { "title": "past" } }] },
        "upcoming": { "totalCount": 0, "statusCounts": [] } });
    assert_eq!(guests["nodes"][1], bob_is);
    let states = json!([{ "status": "REGISTERED", "count": 2 }]);
    assert_eq!(guests["nodes"][0]["upcoming"], json!({ "totalCount": 2, "statusCounts": states }));
    assert_eq!(found(format!("guestId: {bob:?}")).await, ["bob past"]);
}

#[apply(on_each_database)]
async fn registrations_are_ordered_by_waitlist_position(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    app.register(&workshop, "seated").await.registration();
    let mut ids = Vec::new();
    for guest in ["ann", "bob", "cem", "dan"] {
        ids.push(app.waitlist(&workshop, guest).await.registration()["id"].clone());
    }
    // A guest who joins again is last: the waitlist number determines the order, not the id.
    app.cancel(&json!({ "id": ids[1] })).await.data();
    app.waitlist(&workshop, "bob").await.registration();
    let page = async |arguments: String| {
        let query = format!(
            "{{ workshop(id: {:?}) {{ registrations({arguments}, orderBy: {{ field: WAITLIST_POSITION }}) {{
                nodes {{ status waitlistPosition guest {{ givenName }} }} pageInfo {{ startCursor endCursor }} }} }} }}",
            workshop.id
        );
        let list = app.query(&query).await["registrations"].clone();
        let guests = list["nodes"].as_array().unwrap().iter().map(|node| node["guest"]["givenName"].as_str().unwrap());
        (guests.map(ToOwned::to_owned).collect::<Vec<_>>(), list["pageInfo"].clone())
    };
    let (first, info) = page("first: 3, filter: { status: [WAITLISTED] }".to_owned()).await;
    assert_eq!(first, ["ann", "cem", "dan"]);
    let (rest, _) = page(format!("after: {}", info["endCursor"])).await;
    assert_eq!(rest, ["bob", "seated", "bob"], "guests without a position come last, by registration time");
    let (last, info) = page("last: 2".to_owned()).await;
    assert_eq!(last, ["seated", "bob"]);
    let (before, _) = page(format!("last: 2, before: {}", info["startCursor"])).await;
    assert_eq!(before, ["dan", "bob"]);
}

#[apply(on_each_database)]
async fn changes_are_filtered_by_their_subject(app: TestApp) {
    let (here, there) = (app.given(a_workshop().title("here")).await, app.given(a_workshop().title("there")).await);
    let ann = app.register(&here, "ann").await.registration().clone();
    app.register(&there, "ann").await.registration();
    app.set_time(tests::now() + TimeDelta::hours(1));
    app.cancel(&ann).await.data();
    wait_for_entries(&app, 3).await;
    let kinds = async |filter: String| {
        let list = app.query(&format!("{{ changes(filter: {{ {filter} }}) {{ totalCount nodes {{ kind }} }} }}")).await;
        assert_eq!(list["totalCount"], list["nodes"].as_array().unwrap().len());
        each(&list, "kind")
    };
    assert_eq!(kinds(format!("registrationId: {}", ann["id"])).await, ["REGISTERED", "CANCELLED"]);
    assert_eq!(kinds(format!("workshopId: {:?}, kind: [REGISTERED]", there.id)).await, ["REGISTERED"]);
    assert_eq!(kinds(format!("workshopId: {:?}", here.id)).await, ["REGISTERED", "CANCELLED"]);
    assert_eq!(kinds(r#"period: { from: "2027-03-01T12:30:00Z" }"#.to_owned()).await, ["CANCELLED"]);
    assert_eq!(kinds(r#"period: { until: "2027-03-01T12:30:00Z" }"#.to_owned()).await, ["REGISTERED", "REGISTERED"]);
    assert_eq!(kinds(r#"registrationId: "reg_nothing""#.to_owned()).await, [""; 0]);
}

#[apply(on_each_database)]
async fn the_waitlist_order_requires_one_workshop(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.waitlist(&workshop, "ann").await.registration();
    let list = |filter: &str| {
        format!("{{ registrations({filter} orderBy: {{ field: WAITLIST_POSITION }}) {{ nodes {{ status }} }} }}")
    };
    assert_eq!(app.graphql(&list(""), &Value::Null).await.error_code(), "BAD_USER_INPUT");
    let of_one = app.query(&list(&format!("filter: {{ workshopId: {:?} }}", workshop.id))).await;
    assert_eq!(of_one["nodes"][0]["status"], "WAITLISTED");
}

#[apply(on_each_database)]
async fn a_repeated_filter_value_is_used_once(app: TestApp) {
    app.given(a_workshop()).await;
    let states = vec!["OPEN"; 5_000];
    let query = "query ($states: [RegistrationState!]) {
        workshops(filter: { registrationState: $states }) { totalCount } }";
    let answer = app.graphql(query, &json!({ "states": states })).await;
    assert_eq!(answer.field()["totalCount"], 1);
}
