//! Callers change rows only within their reach. Other rows are not found.

use domain::access::Scope;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Client, TestApp, on_each_database};

use super::{Fixture, denied};

/// Runs a mutation on an object, whose argument is the last one. Returns the type of the result, and the code and message of a problem.
async fn on(client: &Client, mutation: &str, argument: &str, id: &str) -> Value {
    let query = format!(
        "mutation ($id: ID!) {{ {mutation}({argument}: $id) {{ __typename ... on Problem {{ code message }} }} }}"
    );
    client.graphql(&query, &json!({ "id": id })).await.field().clone()
}

async fn register(client: &Client, fixture: &Fixture, guest: &str, center: &str) -> Answer {
    let query = "mutation ($id: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $id, input: $input) {
        __typename ... on Problem { code message } } }";
    let input = json!({ "trackId": fixture.there_only.tracks[0], "guestId": guest, "centerId": center });
    client.graphql(query, &json!({ "id": fixture.there_only.id, "input": input })).await
}

#[apply(on_each_database)]
async fn a_registration_of_another_center_cannot_be_changed(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let unknown = domain::RegistrationId::from_uuid(uuid::Uuid::now_v7()).to_string();
    let mutations = [
        ("cancelRegistration", "registrationId"),
        ("checkInGuest", "registrationId"),
        ("undoCheckIn", "registrationId"),
        ("markNoShow", "registrationId"),
        ("promoteFromWaitlist", "registrationId"),
        ("changeTrack", "trackId: 1, registrationId"),
        ("updateRegistrationNote", "input: { note: \"x\" }, registrationId"),
    ];
    for client in [fixture.staff(), fixture.partner(Scope::ALL)] {
        for (mutation, arguments) in mutations {
            let result = on(&client, mutation, arguments, &fixture.bob.registration).await;
            assert_eq!(result, on(&client, mutation, arguments, &unknown).await, "{mutation}");
            assert!(result["__typename"].as_str().unwrap().starts_with("Registration"), "{result}");
        }
    }
    // A guest can cancel her own registration only.
    let result = on(&fixture.guest(), "cancelRegistration", "registrationId", &fixture.bob.registration).await;
    assert_eq!(result["__typename"], "RegistrationInvalid");
    let own = on(&fixture.guest(), "cancelRegistration", "registrationId", &fixture.ann.registration).await;
    assert_eq!(own["__typename"], "CancelRegistrationSuccess");
}

#[apply(on_each_database)]
async fn promoted_guests_of_another_center_are_not_returned(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let cancel = "mutation ($id: ID!) { cancelRegistration(registrationId: $id) {
        ... on CancelRegistrationSuccess { promoted { id } workshop { seatsTaken waitlistLength } } } }";
    let answer = fixture.staff().graphql(cancel, &json!({ "id": fixture.ann.registration })).await;
    let seats = json!({ "seatsTaken": 3, "waitlistLength": 0 });
    assert_eq!(
        answer.field(),
        &json!({ "promoted": [], "workshop": seats }),
        "Bob has the seat, and is of the other center"
    );
    let raise = "mutation ($id: ID!) { updateWorkshop(workshopId: $id, input: { capacity: 9 }) {
        ... on UpdateWorkshopSuccess { promoted { id } } } }";
    let id = &fixture.shared.id;
    let again = json!({ "trackId": fixture.shared.tracks[0], "guestId": fixture.ann.guest,
        "centerId": fixture.here.to_string(), "waitlist": true });
    let ann = fixture.app.register_with(&fixture.shared, &again).await.registration()["id"].clone();
    let raised = fixture.staff().graphql(raise, &json!({ "id": id })).await;
    assert_eq!(raised.field()["promoted"], json!([{ "id": ann }]), "Ann is of this center");
    let cancelled =
        "mutation ($id: ID!) { cancelWorkshop(workshopId: $id) { ... on CancelWorkshopSuccess { released } } }";
    let released = fixture.staff().graphql(cancelled, &json!({ "id": id })).await;
    assert_eq!(released.field()["released"], 2, "Ann and Dan; guests of the other center are released but not counted");
    assert_eq!(fixture.app.database.number("SELECT COUNT(*) FROM registrations WHERE status = 6").await, 4);
}

#[apply(on_each_database)]
async fn a_guest_of_another_center_cannot_be_registered(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let (here, there) = (fixture.here.to_string(), fixture.there.to_string());
    let kind = |answer: &Answer| answer.field()["__typename"].as_str().unwrap().to_owned();
    for client in [fixture.staff(), fixture.partner(Scope::ALL)] {
        assert_eq!(kind(&register(&client, &fixture, &fixture.bob.guest, &there).await), "GuestInvalid");
        assert_eq!(
            kind(&register(&client, &fixture, &fixture.ann.guest, &there).await),
            "CenterInvalid",
            "another center"
        );
        assert_eq!(
            kind(&register(&client, &fixture, &fixture.ann.guest, &here).await),
            "CenterInvalid",
            "a center that does not run it"
        );
        let eligible = "query ($id: ID!, $input: RegisterGuestInput!) {
            registrationEligibility(workshopId: $id, input: $input) { problem { __typename } } }";
        let input = json!({ "trackId": fixture.shared.tracks[0], "guestId": fixture.bob.guest, "centerId": here });
        let answer = client.graphql(eligible, &json!({ "id": fixture.shared.id, "input": input })).await;
        assert_eq!(answer.field()["problem"]["__typename"], "GuestInvalid", "Bob's registration is hidden");
    }
    // Ann can register herself anywhere, but no other guest.
    let ann = fixture.guest();
    assert_eq!(kind(&register(&ann, &fixture, &fixture.bob.guest, &there).await), "GuestInvalid");
    assert_eq!(kind(&register(&ann, &fixture, &fixture.ann.guest, &there).await), "Registration");
    // She now also has a registration at the other center. Staff here get the problem without that registration.
    let again = "mutation ($id: ID!, $input: RegisterGuestInput!) { registerGuest(workshopId: $id, input: $input) {
        __typename ... on AlreadyRegistered { code registration { id } } } }";
    let both = "mutation ($id: ID!, $centers: [ID!]) {
        updateWorkshop(workshopId: $id, input: { centerIds: $centers }) { __typename } }";
    fixture.app.graphql(both, &json!({ "id": fixture.there_only.id, "centers": [here, there] })).await.field();
    let input = json!({ "trackId": fixture.there_only.tracks[0], "guestId": fixture.ann.guest, "centerId": here });
    let variables = json!({ "id": fixture.there_only.id, "input": input });
    let answer = fixture.staff().graphql(again, &variables).await;
    assert_eq!(denied(&answer.body), Some("FORBIDDEN"));
    let bare = again.replace("registration { id }", "message");
    assert_eq!(fixture.staff().graphql(&bare, &variables).await.field()["code"], 1010);
}

#[apply(on_each_database)]
async fn guests_are_created_and_updated_only_at_the_callers_centers(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let create = "mutation ($input: GuestInput!) { createGuest(input: $input) { __typename ... on Guest { id } } }";
    let change = "mutation ($id: ID!, $input: GuestInput!) { updateGuest(guestId: $id, input: $input) { __typename } }";
    let import = "mutation ($guests: [ImportGuestInput!]!) { importGuests(input: { guests: $guests }) {
        ... on ImportGuestsSuccess { results { outcome problems { __typename } } } } }";
    let (here, there) = (fixture.here.to_string(), fixture.there.to_string());
    let with_home = |home: Option<&str>| json!({ "givenName": "Eve", "familyName": "E", "homeCenterId": home });
    for client in [fixture.staff(), fixture.partner(&[Scope::GuestsWrite])] {
        for (home, kind) in [(Some(&*here), "Guest"), (Some(&*there), "CenterInvalid"), (None, "CenterInvalid")] {
            let answer = client.graphql(create, &json!({ "input": with_home(home) })).await;
            assert_eq!(answer.field()["__typename"], kind);
        }
        for (guest, input, kind) in [
            (&fixture.bob.guest, json!({ "phone": "1" }), "GuestInvalid"),
            (&fixture.ann.guest, json!({ "phone": "1" }), "Guest"),
            (&fixture.ann.guest, json!({ "homeCenterId": there }), "CenterInvalid"),
            (&fixture.ann.guest, json!({ "homeCenterId": null }), "CenterInvalid"),
            (&fixture.dan.guest, json!({ "homeCenterId": here }), "Guest"),
        ] {
            let answer = client.graphql(change, &json!({ "id": guest, "input": input })).await;
            assert_eq!(answer.field()["__typename"], kind, "{input}");
        }
        let guests = json!([
            { "externalId": "bob-elsewhere", "givenName": "B", "familyName": "B" },
            { "externalId": "ann-elsewhere", "phone": "2" },
            { "externalId": "new", "givenName": "N", "familyName": "N" },
            { "externalId": "new at home", "givenName": "N", "familyName": "N", "homeCenterId": there },
        ]);
        let answer = client.graphql(import, &json!({ "guests": guests })).await;
        let results = answer.field()["results"].as_array().unwrap().clone();
        let result_of =
            |row: &Value| row["problems"][0]["__typename"].as_str().or(row["outcome"].as_str()).map(str::to_owned);
        let outcomes: Vec<_> = results.iter().map(result_of).map(Option::unwrap).collect();
        assert_eq!([&outcomes[0], &outcomes[2], &outcomes[3]], ["ExternalIdTaken", "CenterInvalid", "CenterInvalid"]);
        assert!(matches!(&*outcomes[1], "UPDATED" | "UNCHANGED"));
    }
    // Logins use the external id, so neither staff and partners of some centers nor guests can change it.
    for client in [fixture.staff(), fixture.partner(&[Scope::GuestsWrite]), fixture.guest()] {
        for id in [json!("x"), json!(null)] {
            let renamed = json!({ "id": fixture.ann.guest, "input": { "externalId": id } });
            assert_eq!(client.graphql(change, &renamed).await.field()["__typename"], "InputInvalid");
        }
        let same = json!({ "id": fixture.ann.guest, "input": { "externalId": "ann-elsewhere" } });
        assert_eq!(client.graphql(change, &same).await.field()["__typename"], "Guest");
    }
    let ann = fixture.guest();
    let moved = json!({ "id": fixture.ann.guest, "input": { "phone": "3", "homeCenterId": there } });
    assert_eq!(ann.graphql(change, &moved).await.field()["__typename"], "Guest");
    let other = ann.graphql(change, &json!({ "id": fixture.dan.guest, "input": { "phone": "1" } })).await;
    assert_eq!(other.field()["__typename"], "GuestInvalid");
}

#[apply(on_each_database)]
async fn eligibility_requires_access_to_registrations(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let eligible = "query ($id: ID!, $input: RegisterGuestInput!) {
        registrationEligibility(workshopId: $id, input: $input) { problem { __typename } } }";
    let input = json!({ "trackId": fixture.shared.tracks[0], "guestId": fixture.ann.guest,
        "centerId": fixture.here.to_string() });
    let variables = json!({ "id": fixture.shared.id, "input": input });
    let guests = fixture.partner(&[Scope::GuestsRead]).graphql(eligible, &variables).await;
    assert_eq!(denied(&guests.body), Some("FORBIDDEN"));
    for (client, expected) in [
        (fixture.partner(&[Scope::RegistrationsRead]), "AlreadyRegistered"),
        (fixture.guest(), "AlreadyRegistered"),
        (fixture.public(), "GuestInvalid"),
    ] {
        assert_eq!(client.graphql(eligible, &variables).await.field()["problem"]["__typename"], expected);
    }
}

#[apply(on_each_database)]
async fn live_registrations_of_a_track_count_only_visible_ones(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let remove =
        "mutation ($id: Int!) { removeTrack(trackId: $id) { ... on TrackHasRegistrations { liveRegistrations } } }";
    for (client, live) in
        [(fixture.staff(), 2), (fixture.app.client(), 4), (fixture.partner(&[Scope::WorkshopsWrite]), 0)]
    {
        let answer = client.graphql(remove, &json!({ "id": fixture.shared.tracks[0] })).await;
        assert_eq!(answer.field()["liveRegistrations"], live);
    }
}

#[apply(on_each_database)]
async fn workshops_are_changed_only_by_the_centers_that_run_them(app: TestApp) {
    let fixture = Fixture::new(app).await;
    let (here, there) = (fixture.here.to_string(), fixture.there.to_string());
    let create =
        "mutation ($centers: [ID!]!) { createWorkshop(input: { title: \"T\", centerIds: $centers }) { __typename } }";
    let update = "mutation ($id: ID!, $input: UpdateWorkshopInput!) { updateWorkshop(workshopId: $id, input: $input) { __typename } }";
    let kind = |answer: Answer| answer.field()["__typename"].as_str().unwrap().to_owned();
    for client in [fixture.staff(), fixture.partner(&[Scope::WorkshopsWrite])] {
        for (centers, expected) in [
            (json!([here]), "Workshop"),
            (json!([there]), "CenterInvalid"),
            (json!([here, there]), "CenterInvalid"),
            (json!([]), "CenterInvalid"),
        ] {
            assert_eq!(kind(client.graphql(create, &json!({ "centers": centers })).await), expected, "{centers}");
        }
        for (workshop, input, expected) in [
            (&fixture.there_only, json!({ "title": "Ours" }), "WorkshopInvalid"),
            (&fixture.draft_there, json!({ "title": "Ours" }), "WorkshopInvalid"),
            (&fixture.draft_here, json!({ "title": "Ours" }), "UpdateWorkshopSuccess"),
            (&fixture.shared, json!({ "title": "Both's" }), "UpdateWorkshopSuccess"),
            // Staff here cannot remove the other center or leave the workshop to it.
            (&fixture.shared, json!({ "centerIds": [here] }), "CenterInvalid"),
            (&fixture.shared, json!({ "centerIds": [there] }), "CenterInvalid"),
            (&fixture.shared, json!({ "centerIds": [there, here] }), "UpdateWorkshopSuccess"),
            (&fixture.draft_here, json!({ "centerIds": [here, there] }), "CenterInvalid"),
        ] {
            let answer = client.graphql(update, &json!({ "id": workshop.id, "input": input })).await;
            assert_eq!(kind(answer), expected, "{input}");
        }
        for (mutation, expected) in [("publishWorkshop", "WorkshopInvalid"), ("cancelWorkshop", "WorkshopInvalid")] {
            assert_eq!(on(&client, mutation, "workshopId", &fixture.draft_there.id).await["__typename"], expected);
        }
        let remove = "mutation ($id: Int!) { removeTrack(trackId: $id) { __typename } }";
        let answer = client.graphql(remove, &json!({ "id": fixture.there_only.tracks[0] })).await;
        assert_eq!(kind(answer), "TrackInvalid");
    }
}
