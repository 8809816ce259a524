//! Paginated lists, and workshops that are open for registration.

use axum::http::Method;
use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, Workshop, a_workshop, now, on_each_database};

use super::{register, registrations, run_action, waitlist};

async fn list(app: &TestApp, path: &str) -> Answer {
    app.call(Method::GET, path, None).await
}

fn ids(answer: &Answer) -> Vec<Value> {
    answer.expect_data("registrations").as_array().unwrap().iter().map(|it| it["id"].clone()).collect()
}

/// Five seats and seven guests, one a minute: five get seats, of whom the third is signed in, and two are waitlisted.
async fn seven_registrations(app: &TestApp) -> (Workshop, Vec<Value>) {
    let workshop = app.given(a_workshop().capacity(5)).await;
    let mut made = Vec::new();
    for (minute, guest) in (0..).zip(["ann", "bob", "cem", "dan", "eva", "fay", "gus"]) {
        app.set_time(now() + TimeDelta::minutes(minute));
        let answer =
            if minute < 5 { register(app, &workshop, guest).await } else { waitlist(app, &workshop, guest).await };
        made.push(answer.expect_data("registrations").clone());
    }
    run_action(app, &workshop, &made[2], "sign_in").await.expect_data("registrations");
    (workshop, made.into_iter().map(|it| it["id"].clone()).collect())
}

#[apply(on_each_database)]
async fn a_page_contains_part_of_the_list_and_the_totals_of_all_of_it(app: TestApp) {
    let (workshop, made) = seven_registrations(&app).await;
    let path = registrations(&workshop.id);
    let all = list(&app, &path).await;
    assert_eq!(ids(&all), made);
    assert_eq!(all.body["page_info"], json!({ "total": 7, "page": 1, "size": 20 }));
    let counts = json!([{ "status": 0, "count": 4 }, { "status": 3, "count": 1 }, { "status": 4, "count": 2 }]);
    assert_eq!(all.body["status_count"], counts);
    let occupancy = json!({ "capacity": 5, "seats_taken": 5, "seats_available": 0, "waitlist_length": 2 });
    assert_eq!(all.body["occupancy"], occupancy);

    let mut pages = Vec::new();
    for page in 1..=4 {
        let answer = list(&app, &format!("{path}?page={page}&size=2")).await;
        assert_eq!(answer.body["page_info"], json!({ "total": 7, "page": page, "size": 2 }));
        assert_eq!((&answer.body["status_count"], &answer.body["occupancy"]), (&counts, &occupancy));
        pages.push(ids(&answer));
    }
    assert_eq!(pages, [&made[..2], &made[2..4], &made[4..6], &made[6..]]);
    assert_eq!(ids(&list(&app, &format!("{path}?page=5&size=2")).await), [Value::Null; 0]);
}

#[apply(on_each_database)]
async fn a_listed_registration_contains_all_documented_fields(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = register(&app, &workshop, "ann").await.expect_data("registrations").clone();
    app.set_time(now() + TimeDelta::minutes(1));
    run_action(&app, &workshop, &ann, "sign_in").await.expect_data("registrations");
    let guest = app.guest("ann").await;
    let expected = json!([{
        "id": ann["id"], "status": 3, "workshop_id": workshop.id, "track_id": workshop.tracks[0], "guest_id": guest,
        "center_id": workshop.center, "from_waitlist": false, "registered_at": "2027-03-01T12:00:00Z",
        "checked_in_at": "2027-03-01T12:01:00Z", "cancelled_at": null,
    }]);
    assert_eq!(*list(&app, &registrations(&workshop.id)).await.expect_data("registrations"), expected);
    let of_guest = list(&app, &format!("/v1/guests/{guest}/registrations")).await;
    assert_eq!(*of_guest.expect_data("registrations"), expected);
    assert_eq!(of_guest.body["page_info"], json!({ "total": 1, "page": 1, "size": 20 }));
    assert_eq!(of_guest.body["status_count"], json!([{ "status": 3, "count": 1 }]));
}

#[apply(on_each_database)]
async fn registrations_are_filtered_by_center_and_session(app: TestApp) {
    let center = app.center("Here").await;
    let workshop = app.given_at(center, a_workshop().sessions([TimeDelta::hours(2)]).track(3)).await;
    let on_first = register(&app, &workshop, "ann").await.expect_data("registrations")["id"].clone();
    let second = Workshop { tracks: vec![workshop.tracks[1]], ..workshop.clone() };
    register(&app, &second, "bob").await.expect_data("registrations");
    let described = list(&app, &format!("/v1/workshops/{}", workshop.id)).await;
    let session = described.expect_data("workshops")["sessions"][0]["id"].as_str().unwrap().to_owned();
    let elsewhere = app.given(a_workshop().sessions([TimeDelta::hours(2)])).await;
    let other_session = list(&app, &format!("/v1/workshops/{}", elsewhere.id)).await;
    let other_session = other_session.expect_data("workshops")["sessions"][0]["id"].as_str().unwrap().to_owned();
    let path = registrations(&workshop.id);
    let found = async |query: &str| {
        let answer = list(&app, &format!("{path}?{query}")).await;
        assert_eq!(answer.body["occupancy"]["seats_taken"], 2, "the occupancy of the whole workshop");
        let found = ids(&answer);
        assert_eq!(answer.body["page_info"]["total"], found.len());
        found
    };
    assert_eq!(found(&format!("session_id={session}")).await, [on_first]);
    assert_eq!(found(&format!("center_id={center}")).await.len(), 2);
    assert_eq!(found("center_id=&session_id=").await.len(), 2, "a blank value is no filter");
    let other = app.center("There").await;
    for nothing in [
        format!("center_id={other}"),
        format!("session_id={other_session}"),
        format!("session_id={session}&center_id={other}"),
        "center_id=nonsense".to_owned(),
        "session_id=nonsense".to_owned(),
    ] {
        assert_eq!(found(&nothing).await, [Value::Null; 0], "{nothing}");
    }
}

#[apply(on_each_database)]
async fn an_invalid_page_returns_422_and_an_unknown_id_its_documented_code(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let guest = app.guest("ann").await;
    for (path, member) in [
        (registrations(&workshop.id), "registrations"),
        (format!("/v1/guests/{guest}/registrations"), "registrations"),
        ("/v1/workshops".to_owned(), "workshops"),
    ] {
        for wrong in ["size=101", "size=0", "size=-1", "size=ten", "size=", "page=0", "page=x", "page=1&page=2"] {
            let answer = list(&app, &format!("{path}?{wrong}")).await;
            let (status, code, _) = answer.expect_error(member);
            assert_eq!((status, code), (422, 2422), "{path}?{wrong}");
        }
        assert_eq!(list(&app, &format!("{path}?page=102&size=100")).await.status, 422, "10,100 rows before it");
        list(&app, &format!("{path}?page=101&size=100&unknown=1")).await.expect_data(member);
    }
    for id in ["none", "%FF", "wks_", &guest] {
        let invalid = (400, 1001, "Workshop is invalid");
        assert_eq!(list(&app, &registrations(id)).await.expect_error("registrations"), invalid, "{id}");
        assert_eq!(list(&app, &format!("/v1/workshops/{id}")).await.expect_error("workshops"), invalid, "{id}");
    }
    for id in ["none", "%FF", &workshop.id] {
        let answer = list(&app, &format!("/v1/guests/{id}/registrations")).await;
        assert_eq!(answer.expect_error("registrations"), (400, 502, "Invalid guest_id."), "{id}");
    }
}

#[apply(on_each_database)]
async fn a_workshop_contains_all_fields_needed_to_register(app: TestApp) {
    let workshop = app.given(a_workshop().title("Clay").capacity(2).sessions([TimeDelta::hours(2)]).track(1)).await;
    register(&app, &workshop, "ann").await.expect_data("registrations");
    let answer = list(&app, &format!("/v1/workshops/{}", workshop.id)).await;
    let workshop_json = answer.expect_data("workshops");
    let session = &workshop_json["sessions"][0];
    let expected = json!({
        "id": workshop.id, "title": "Clay", "description": null, "status": "PUBLISHED", "registration_state": "OPEN",
        "registration_opens_at": "2027-02-28T12:00:00Z", "registration_closes_at": "2027-03-02T12:00:00Z",
        "capacity": 2, "seats_taken": 1, "seats_available": 1, "waitlist_enabled": true, "waitlist_length": 0,
        "starts_at": "2027-03-01T14:00:00Z", "ends_at": "2027-03-01T15:00:00Z",
        "centers": [{ "id": workshop.center, "name": "A center" }],
        "tracks": [
            { "track_id": workshop.tracks[0], "name": "Track 1", "capacity": null, "seats_taken": 1 },
            { "track_id": workshop.tracks[1], "name": "Track 2", "capacity": 1, "seats_taken": 0 },
        ],
        "sessions": [{
            "id": session["id"], "track_id": workshop.tracks[0], "center_id": workshop.center, "title": "A session",
            "starts_at": "2027-03-01T14:00:00Z", "ends_at": "2027-03-01T15:00:00Z", "status": "UPCOMING",
        }],
    });
    assert_eq!(*workshop_json, expected);
    let listed = list(&app, "/v1/workshops?size=1").await;
    assert_eq!(*listed.expect_data("workshops"), json!([expected]));
}

#[apply(on_each_database)]
async fn workshops_are_sorted_by_start_and_filtered_by_center(app: TestApp) {
    let here = app.center("Here").await;
    let mut of_here = Vec::new();
    for hours in [3, 1, 2] {
        of_here.push((hours, app.given_at(here, a_workshop().sessions([TimeDelta::hours(hours)])).await.id));
    }
    let there = app.given(a_workshop().sessions([TimeDelta::minutes(1)])).await;
    of_here.sort_unstable();
    let of_here: Vec<_> = of_here.into_iter().map(|(_, id)| Value::from(id)).collect();
    let page = async |query: &str| {
        let answer = list(&app, &format!("/v1/workshops{query}")).await;
        answer.expect_data("workshops").as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(page(&format!("?center_id={here}")).await, of_here);
    assert_eq!(page("?size=2").await, [json!(there.id), of_here[0].clone()]);
    assert_eq!(page("?size=2&page=2").await, &of_here[1..]);
    assert_eq!(page("?center_id=nonsense").await, [Value::Null; 0]);
}

#[apply(on_each_database)]
async fn a_longer_page_takes_no_more_statements(app: TestApp) {
    for _ in 0..3 {
        let workshop = app.given(a_workshop().sessions([TimeDelta::hours(2)])).await;
        register(&app, &workshop, "ann").await.expect_data("registrations");
        register(&app, &workshop, "bob").await.expect_data("registrations");
    }
    let guest = app.guest("ann").await;
    for path in ["/v1/workshops".to_owned(), format!("/v1/guests/{guest}/registrations")] {
        let (of_one, _) = app.statements(list(&app, &format!("{path}?size=1"))).await;
        let (of_all, _) = app.statements(list(&app, &path)).await;
        assert_eq!(of_one, of_all, "{path}");
    }
}
