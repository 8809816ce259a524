//! `registrationEligibility`: the result of a registration in advance.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, a_workshop, on_each_database, on_postgres};

const ELIGIBILITY: &str = "query ($workshopId: ID!, $input: RegisterGuestInput!) {
    registrationEligibility(workshopId: $workshopId, input: $input) { eligible problem { __typename code } } }";

#[apply(on_each_database)]
async fn eligibility_returns_the_same_problem_and_writes_nothing(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(1)).await;
    let ask = async |guest: &str, waitlist: bool| {
        let mut input = app.input(&workshop, guest).await;
        input["waitlist"] = waitlist.into();
        app.graphql(ELIGIBILITY, &json!({ "workshopId": workshop.id, "input": input })).await.field().clone()
    };
    for _ in 0..2 {
        assert_eq!(ask("ann", false).await, json!({ "eligible": true, "problem": null }));
    }
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
    app.register(&workshop, "ann").await.registration();
    let problem = |name: &str, code: i32| json!({ "eligible": false, "problem": { "__typename": name, "code": code } });
    assert_eq!(ask("ann", false).await, problem("AlreadyRegistered", 1010));
    assert_eq!(ask("bob", false).await, problem("CapacityExceeded", 1011));
    assert_eq!(ask("bob", true).await["eligible"], true);
    assert_eq!(app.database.number("SELECT COUNT(*) FROM journal").await, 1);
}

// On SQLite no other session can change the database between the statements of a test at a chosen moment.
#[apply(on_postgres)]
async fn eligibility_reads_the_workshop_and_the_guest_as_of_one_moment(app: TestApp) {
    let workshop = app.given(a_workshop().window(None, None)).await;
    app.register(&workshop, "ann").await.registration();
    let input = app.input(&workshop, "ann").await;
    // The query reads the workshop, and then waits for the tracks.
    let change = app.database.transaction("LOCK TABLE tracks IN ACCESS EXCLUSIVE MODE").await;
    let client = app.client();
    let variables = json!({ "workshopId": workshop.id, "input": input });
    let asked = tokio::spawn(async move { client.graphql(ELIGIBILITY, &variables).await });
    app.database.wait_for_lock_waiters(1).await;
    // Before this change the guest is registered, and after it registration is closed. The guest is never eligible.
    change.run("UPDATE registrations SET status = 1, cancelled_at = now()").await;
    change.run("UPDATE workshops SET seats_taken = 0, registration_closes_at = '2020-01-01T00:00:00Z'").await;
    change.run("UPDATE tracks SET seats_taken = 0").await;
    change.commit().await;
    let answer = asked.await.unwrap();
    assert_eq!(answer.field()["problem"]["__typename"], "AlreadyRegistered", "{:#}", answer.body);
}
