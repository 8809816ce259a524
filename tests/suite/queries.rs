//! Queries: nodes by id, and paginated lists.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};

#[apply(on_each_database)]
async fn every_node_is_found_by_its_id(app: TestApp) {
    let workshop = app.given(a_workshop().sessions([TimeDelta::days(7)])).await;
    let registration = app.register(&workshop, "ann").await.registration()["id"].clone();
    let loaded = app.query(&format!(r#"{{ workshop(id: "{}") {{ sessions {{ id }} }} }}"#, workshop.id)).await;
    let ids = [
        json!(workshop.id),
        json!(format!("trk_{}", workshop.tracks[0])),
        loaded["sessions"][0]["id"].clone(),
        json!(workshop.center),
        json!(app.guest("ann").await),
        registration,
        json!("wks_nothing"),
    ];
    let answer =
        app.graphql("query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", &json!({ "ids": ids })).await;
    let types = ["Workshop", "Track", "Session", "Center", "Guest", "Registration"];
    let mut expected: Vec<_> =
        types.iter().zip(&ids).map(|(name, id)| json!({ "__typename": name, "id": id })).collect();
    expected.push(Value::Null);
    assert_eq!(answer.field(), &json!(expected));
    for node in &expected[..6] {
        let answer =
            app.graphql("query ($id: ID!) { node(id: $id) { __typename id } }", &json!({ "id": node["id"] })).await;
        assert_eq!(answer.field(), node);
    }
}

#[apply(on_each_database)]
async fn a_workshop_is_returned_with_all_its_relations(app: TestApp) {
    let workshop =
        app.given(a_workshop().capacity(3).track(1).sessions([TimeDelta::days(7), TimeDelta::days(6)])).await;
    app.register(&workshop, "ann").await.registration();
    app.waitlist(&workshop, "bob").await.registration();
    let query = format!(
        r#"{{ workshop(id: "{}") {{
            status registrationState capacity seatsTaken seatsAvailable waitlistLength startsAt endsAt version
            centers {{ id timeZone }}
            tracks {{ trackId capacity seatsTaken seatsAvailable workshop {{ id }} sessions {{ startsAt }} }}
            sessions {{ startsAt status center {{ id }} track {{ trackId }} }}
            statusCounts {{ status count }}
            registrations {{ totalCount nodes {{ status guest {{ givenName registrations {{ totalCount }} }} }} }}
        }} }}"#,
        workshop.id
    );
    let (first, second) = (workshop.tracks[0], workshop.tracks[1]);
    let session = |day: u32| {
        json!({ "startsAt": format!("2027-03-0{day}T12:00:00Z"), "status": "UPCOMING",
            "center": { "id": workshop.center }, "track": { "trackId": first } })
    };
    let guest = |name: &str, status: &str| json!({ "status": status, "guest": { "givenName": name, "registrations": { "totalCount": 1 } } });
    assert_eq!(
        app.query(&query).await,
        json!({
            "status": "PUBLISHED", "registrationState": "OPEN", "capacity": 3, "seatsTaken": 1, "seatsAvailable": 2,
            "waitlistLength": 1, "startsAt": "2027-03-07T12:00:00Z", "endsAt": "2027-03-08T13:00:00Z", "version": 1,
            "centers": [{ "id": workshop.center, "timeZone": "Europe/Berlin" }],
            "tracks": [
                { "trackId": first, "capacity": null, "seatsTaken": 1, "seatsAvailable": null,
                  "workshop": { "id": workshop.id },
                  "sessions": [{ "startsAt": "2027-03-07T12:00:00Z" }, { "startsAt": "2027-03-08T12:00:00Z" }] },
                { "trackId": second, "capacity": 1, "seatsTaken": 0, "seatsAvailable": 1,
                  "workshop": { "id": workshop.id }, "sessions": [] },
            ],
            "sessions": [session(7), session(8)],
            "statusCounts": [{ "status": "REGISTERED", "count": 1 }, { "status": "WAITLISTED", "count": 1 }],
            "registrations": { "totalCount": 2, "nodes": [guest("ann", "REGISTERED"), guest("bob", "WAITLISTED")] },
        })
    );
}

#[apply(on_each_database)]
async fn the_status_of_a_session_depends_on_the_time(app: TestApp) {
    let hours = TimeDelta::hours;
    let workshop = app.given(a_workshop().sessions([hours(-2), hours(0), hours(1)])).await;
    let query = format!(r#"{{ workshop(id: "{}") {{ status sessions {{ status }} }} }}"#, workshop.id);
    let statuses = json!([{ "status": "COMPLETED" }, { "status": "IN_PROGRESS" }, { "status": "UPCOMING" }]);
    assert_eq!(app.query(&query).await, json!({ "status": "PUBLISHED", "sessions": statuses }));
    app.set_time(tests::now() + hours(2));
    assert_eq!(app.query(&query).await["status"], "COMPLETED");
}

/// Pages through a list to its end. Returns the titles and the number of pages.
async fn pages(app: &TestApp, order: &str, forward: bool) -> (Vec<String>, usize) {
    let (mut titles, mut cursor, mut pages) = (Vec::new(), Value::Null, 0);
    let (size, from) = if forward { ("first", "after") } else { ("last", "before") };
    loop {
        let query = format!(
            "query ($cursor: String) {{ workshops(orderBy: {order}, {size}: 3, {from}: $cursor) {{
                edges {{ cursor node {{ title }} }} nodes {{ title }}
                pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
        );
        let answer = app.graphql(&query, &json!({ "cursor": cursor })).await;
        let page = answer.field();
        let edges = page["edges"].as_array().unwrap();
        let seen: Vec<_> = edges.iter().map(|edge| edge["node"]["title"].as_str().unwrap().to_owned()).collect();
        assert_eq!(page["nodes"].as_array().unwrap().len(), seen.len());
        let info = &page["pageInfo"];
        let (more, back, next) = if forward {
            ("hasNextPage", "hasPreviousPage", "endCursor")
        } else {
            ("hasPreviousPage", "hasNextPage", "startCursor")
        };
        assert_eq!(info[back], pages > 0);
        let at = if forward { titles.len() } else { 0 };
        titles.splice(at..at, seen);
        pages += 1;
        if info[more] == false {
            return (titles, pages);
        }
        cursor = info[next].clone();
    }
}

#[apply(on_each_database)]
async fn a_list_is_the_same_from_both_ends_in_every_order(app: TestApp) {
    let center = app.center("A center").await;
    // Two workshops start at the same time, and two have no start.
    for (title, days) in
        [("d", Some(1)), ("b", Some(3)), ("a", Some(1)), ("f", None), ("c", Some(2)), ("g", None), ("e", Some(4))]
    {
        app.given_at(center, a_workshop().title(title).sessions(days.map(TimeDelta::days))).await;
    }
    for (field, ascending) in [("TITLE", "abcdefg"), ("CREATED_AT", "dbafcge"), ("STARTS_AT", "dacbefg")] {
        let expected: Vec<_> = ascending.chars().map(String::from).collect();
        let descending: Vec<_> = expected.iter().rev().cloned().collect();
        for forward in [true, false] {
            assert_eq!(pages(&app, &format!("{{ field: {field} }}"), forward).await, (expected.clone(), 3));
            let order = format!("{{ field: {field}, direction: DESC }}");
            assert_eq!(pages(&app, &order, forward).await, (descending.clone(), 3));
        }
    }
}

#[apply(on_each_database)]
async fn a_page_is_not_shifted_by_rows_added_before_it(app: TestApp) {
    let center = app.center("A center").await;
    for title in ["b", "d", "f"] {
        app.given_at(center, a_workshop().title(title)).await;
    }
    let page = "query ($after: String) { workshops(orderBy: { field: TITLE }, first: 2, after: $after) {
        nodes { title } pageInfo { endCursor } } }";
    let first = app.graphql(page, &Value::Null).await.field().clone();
    assert_eq!(first["nodes"], json!([{ "title": "b" }, { "title": "d" }]));
    for title in ["a", "c", "e"] {
        app.given_at(center, a_workshop().title(title)).await;
    }
    let second = app.graphql(page, &json!({ "after": first["pageInfo"]["endCursor"] })).await;
    assert_eq!(second.field()["nodes"], json!([{ "title": "e" }, { "title": "f" }]));
}

#[apply(on_each_database)]
async fn a_cursor_of_another_list_or_order_is_rejected(app: TestApp) {
    app.given(a_workshop()).await;
    let by_title = app.query("{ workshops(orderBy: { field: TITLE }) { pageInfo { endCursor } } }").await;
    let by_title = by_title["pageInfo"]["endCursor"].as_str().unwrap();
    for list in ["workshops(orderBy: { field: STARTS_AT }", "workshops(orderBy: { field: CREATED_AT }"] {
        let answer = app.graphql(&format!("{{ {list}, after: \"{by_title}\") {{ totalCount }} }}"), &Value::Null).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT", "{list}");
    }
    let by_name = app.query("{ centers { pageInfo { endCursor } } }").await;
    let by_name = by_name["pageInfo"]["endCursor"].as_str().unwrap();
    let answer = app.graphql(&format!("{{ guests(after: \"{by_name}\") {{ totalCount }} }}"), &Value::Null).await;
    assert_eq!(answer.error_code(), "BAD_USER_INPUT", "a cursor of another list");
}

#[apply(on_each_database)]
async fn workshops_are_filtered_by_state_and_center(app: TestApp) {
    use domain::Stage;
    let here = app.center("Here").await;
    let there = app.center("There").await;
    app.given_at(here, a_workshop().title("draft").stage(Stage::Draft)).await;
    app.given_at(here, a_workshop().title("cancelled").stage(Stage::Cancelled)).await;
    app.given_at(there, a_workshop().title("completed").sessions([-TimeDelta::hours(1)])).await;
    app.given_at(there, a_workshop().title("unplanned")).await;
    app.given_at(there, a_workshop().title("running").sessions([-TimeDelta::minutes(30)])).await;
    let ask = async |filter: &str| {
        let list = app.query(&format!("{{ workshops(orderBy: {{ field: TITLE }}, filter: {{ {filter} }}) {{ totalCount nodes {{ title }} }} }}")).await;
        let titles: Vec<_> =
            list["nodes"].as_array().unwrap().iter().map(|w| w["title"].as_str().unwrap().to_owned()).collect();
        assert_eq!(list["totalCount"], titles.len());
        titles
    };
    assert_eq!(ask("status: [DRAFT]").await, ["draft"]);
    assert_eq!(ask("status: [CANCELLED, COMPLETED]").await, ["cancelled", "completed"]);
    assert_eq!(ask("status: [PUBLISHED]").await, ["running", "unplanned"]);
    assert_eq!(ask("status: []").await, [""; 0]);
    assert_eq!(ask(&format!("centerId: \"{here}\"")).await, ["cancelled", "draft"]);
    assert_eq!(ask(&format!("centerId: \"{there}\", status: [PUBLISHED]")).await, ["running", "unplanned"]);
}

#[apply(on_each_database)]
async fn nested_lists_have_their_own_counts_and_pages(app: TestApp) {
    let center = app.center("A center").await;
    let mut workshops = Vec::new();
    for title in ["a", "b", "c"] {
        workshops.push(app.given_at(center, a_workshop().title(title)).await);
    }
    for guest in ["ann", "bob", "cem", "dan"] {
        app.register(&workshops[0], guest).await.registration();
    }
    app.waitlist(&workshops[1], "ann").await.registration();
    let list = app
        .query(
            "{ centers { totalCount nodes { workshops(orderBy: { field: TITLE }, first: 2) { totalCount
            pageInfo { hasNextPage } nodes { title registrations(first: 3) { totalCount pageInfo { hasNextPage }
            nodes { guest { givenName } } } } } } } }",
        )
        .await;
    let guests =
        |names: &[&str]| json!(names.iter().map(|n| json!({ "guest": { "givenName": n } })).collect::<Vec<_>>());
    assert_eq!(
        list["nodes"][0]["workshops"],
        json!({ "totalCount": 3, "pageInfo": { "hasNextPage": true }, "nodes": [
            { "title": "a", "registrations": { "totalCount": 4, "pageInfo": { "hasNextPage": true },
              "nodes": guests(&["ann", "bob", "cem"]) } },
            { "title": "b", "registrations": { "totalCount": 1, "pageInfo": { "hasNextPage": false },
              "nodes": guests(&["ann"]) } },
        ] })
    );
    let waiting = app
        .query(
            "{ guests(first: 1) { totalCount nodes {
        registrations(filter: { status: [WAITLISTED] }) { totalCount nodes { workshop { title } } } } } }",
        )
        .await;
    assert_eq!(waiting["totalCount"], 4);
    assert_eq!(
        waiting["nodes"][0]["registrations"],
        json!({ "totalCount": 1, "nodes": [{ "workshop": { "title": "b" } }] })
    );
}

#[apply(on_each_database)]
async fn a_guest_is_found_by_id_or_external_id(app: TestApp) {
    let id = app.guest("ann").await;
    let by_external = app.query(r#"{ guest(by: { externalId: "ann" }) { id } }"#).await;
    assert_eq!(by_external["id"], json!(id));
    let both =
        app.graphql(&format!(r#"{{ guest(by: {{ id: "{id}", externalId: "ann" }}) {{ id }} }}"#), &Value::Null).await;
    assert_eq!(both.error_code(), "GRAPHQL_VALIDATION_FAILED");
}

#[apply(on_each_database)]
async fn a_longer_page_takes_no_more_statements(app: TestApp) {
    let center = app.center("A center").await;
    for _ in 0..12 {
        let workshop = app.given_at(center, a_workshop().track(5).sessions([TimeDelta::days(7)])).await;
        for guest in ["ann", "bob"] {
            app.register(&workshop, guest).await.registration();
            app.waitlist(&workshop, &format!("{guest} waits")).await.registration();
        }
    }
    let page = async |size: usize| {
        let query = format!(
            "{{ workshops(first: {size}) {{ totalCount nodes {{ title centers {{ name }}
                tracks {{ name sessions {{ title }} workshop {{ title }} }} sessions {{ center {{ name }} track {{ name }} }}
                statusCounts {{ count }}
                registrations(first: 3) {{ totalCount nodes {{ waitlistPosition guest {{ givenName
                    registrations(first: 2) {{ nodes {{ workshop {{ title }} }} }} }} track {{ name }} center {{ name }} }} }}
            }} }} }}"
        );
        let (statements, list) = app.statements(app.query(&query)).await;
        assert_eq!(list["nodes"].as_array().unwrap().len(), size);
        statements
    };
    // The number of fields that need a statement. Fields for rows of the same kind can share one.
    let fields = 18;
    for size in [1, 12] {
        let statements = page(size).await;
        assert!(statements <= fields, "{statements} statements for a page of {size}");
    }
}

#[apply(on_each_database)]
async fn the_page_size_can_be_an_omitted_variable(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let query =
        "query ($id: ID!, $first: Int, $last: Int) { workshops(first: $first, last: $last) { nodes { id ...more } }
            workshop(id: $id) { ... { ...more } } }
        fragment more on Workshop { registrations(first: $first) { totalCount } }";
    for variables in [json!({ "id": workshop.id }), json!({ "id": workshop.id, "first": null, "last": 5 })] {
        let answer = app.graphql(query, &variables).await;
        assert_eq!(answer.data()["workshops"]["nodes"][0]["registrations"]["totalCount"], 0);
    }
    let required = app.graphql("query ($first: Int!) { workshops(first: $first) { totalCount } }", &json!({})).await;
    assert_eq!(required.error_code(), "GRAPHQL_VALIDATION_FAILED");
}
