use std::collections::BTreeSet;

use domain::{RegistrationId, RegistrationStatus};
use macro_rules_attribute::apply;
use persistence::{Direction, Ordering, Page, PageEnd, RegistrationFilter, RegistrationOrder};
use serde_json::{Value, json};
use tests::{Backend, Client, TestApp, Workshop, a_workshop, on_each_database};

use super::{each, sql};

const MANY: usize = 10_000;

/// Inserts many registrations past the store, in three groups with different times.
async fn fill(app: &TestApp) -> Workshop {
    let workshop = app.given(a_workshop().capacity(20_000)).await;
    let new_id = match app.backend() {
        Backend::Sqlite => "randomblob(16)",
        Backend::Postgres => "gen_random_uuid()",
    };
    let id = sql(app, workshop.id.parse::<domain::WorkshopId>().unwrap().uuid());
    let center = sql(app, workshop.center.parse::<domain::CenterId>().unwrap().uuid());
    let track = workshop.tracks[0];
    let mut statements = Vec::new();
    for (third, number) in [3_333, 3_333, 3_334].into_iter().enumerate() {
        let at = format!("'2027-03-01T1{}:00:00+00:00'", third + 1);
        statements.push(format!(
            "INSERT INTO guests (id, external_id, given_name, family_name, created_at, updated_at, sort_key) \
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) \
             SELECT {new_id}, 'many-{third}-' || CAST(i AS text), 'Many', 'Guests', {at}, {at}, 'x' FROM n"
        ));
        statements.push(format!(
            "INSERT INTO registrations (id, workshop_id, track_id, guest_id, center_id, status, from_waitlist, \
             registered_at) SELECT {new_id}, {id}, {track}, id, {center}, 0, false, {at} FROM guests \
             WHERE external_id LIKE 'many-{third}-%'"
        ));
    }
    statements.push(format!("UPDATE workshops SET seats_taken = {MANY} WHERE id = {id}"));
    statements.push(format!("UPDATE tracks SET seats_taken = {MANY} WHERE id = {track}"));
    app.database.execute(&statements.join("; ")).await.unwrap();
    workshop
}

async fn page(client: &Client, list: &str, arguments: &str, cursor: &Value) -> Value {
    let query = format!(
        "query ($cursor: String) {{ {list} {{ registrations({arguments}: $cursor, filter: {{ status: [REGISTERED] }}) {{
            nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"
    );
    client.graphql(&query, &json!({ "cursor": cursor })).await.field()["registrations"].clone()
}

/// The ids of all registered guests' registrations.
async fn registered(app: &TestApp) -> BTreeSet<String> {
    let filter = RegistrationFilter { statuses: Some(vec![RegistrationStatus::Registered]), ..Default::default() };
    let ordering = Ordering { by: RegistrationOrder::RegisteredAt, direction: Direction::Ascending };
    let all = Page { size: 20_000, end: PageEnd::First, after: None, before: None };
    let all = app.view().list(&filter, ordering, &all).await.unwrap();
    all.rows.iter().map(|(_, row)| RegistrationId::from_uuid(row.id).to_string()).collect()
}

#[apply(on_each_database)]
async fn paging_ten_thousand_rows_during_changes_skips_and_repeats_none(app: TestApp) {
    let workshop = fill(&app).await;
    let list = format!("workshop(id: {:?})", workshop.id);
    for (arguments, more, next) in
        [("first: 100, after", "hasNextPage", "endCursor"), ("last: 100, before", "hasPreviousPage", "startCursor")]
    {
        let (client, mut cursor) = (app.client(), Value::Null);
        let (mut seen, mut came, mut left, mut pages) = (Vec::new(), BTreeSet::new(), BTreeSet::new(), 0);
        loop {
            let come_and_go = async {
                if pages % 4 > 0 {
                    return;
                }
                // One guest registers, in the middle of the list, and the next two guests cancel.
                let one = app.register(&workshop, &format!("{arguments} {pages}")).await;
                came.insert(one.registration()["id"].as_str().unwrap().to_owned());
                for id in each(&page(&app.client(), &list, "first: 2, after", &cursor).await, "id") {
                    app.cancel(&json!({ "id": id })).await.data();
                    left.insert(id);
                }
            };
            let (page, ()) = tokio::join!(page(&client, &list, arguments, &cursor), come_and_go);
            seen.extend(each(&page, "id"));
            pages += 1;
            if page["pageInfo"][more] == false {
                break;
            }
            cursor = page["pageInfo"][next].clone();
        }
        assert!(pages >= 98, "{pages}");
        let distinct: BTreeSet<_> = seen.iter().cloned().collect();
        assert_eq!(distinct.len(), seen.len(), "no row is returned twice");
        let there = registered(&app).await;
        assert!(there.is_disjoint(&left));
        let missed: BTreeSet<_> = there.difference(&distinct).cloned().collect();
        assert!(missed.is_subset(&came), "every unchanged row is returned");
        assert!(!came.is_disjoint(&distinct), "and some new rows");
    }
}

#[apply(on_each_database)]
async fn a_row_that_moves_in_the_list_moves_no_other_row(app: TestApp) {
    let center = app.center("A center").await;
    let mut ids = Vec::new();
    for title in ["a", "b", "c", "d", "e", "f"] {
        ids.push(app.given_at(center, a_workshop().title(title)).await.id);
    }
    let page = async |cursor: &Value| {
        let query = "query ($cursor: String) { workshops(first: 2, after: $cursor, orderBy: { field: TITLE }) {
            nodes { title } pageInfo { endCursor } } }";
        let list = app.graphql(query, &json!({ "cursor": cursor })).await.field().clone();
        (each(&list, "title"), list["pageInfo"]["endCursor"].clone())
    };
    let rename = async |which: usize, title: &str| {
        let update = "mutation ($id: ID!, $title: String!) {
            updateWorkshop(workshopId: $id, input: { title: $title }) { __typename } }";
        app.graphql(update, &json!({ "id": ids[which], "title": title })).await.data();
    };
    let (first, cursor) = page(&Value::Null).await;
    assert_eq!(first, ["a", "b"]);
    // The last row of the page moves to the end of the list, and a later row moves before the cursor.
    rename(1, "z").await;
    rename(4, "aa").await;
    let (second, cursor) = page(&cursor).await;
    assert_eq!(second, ["c", "d"]);
    let (third, _) = page(&cursor).await;
    assert_eq!(third, ["f", "z"]);
}
