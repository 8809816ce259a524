//! Updates that change nothing, each under a new idempotency key.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, on_each_database};

use crate::target::{Attackers, Target};

#[apply(on_each_database)]
async fn updates_that_change_nothing(app: TestApp) {
    let target = Target::start(&app).await;
    let guests = target.data.guests.clone();
    let query = "mutation ($id: ID!, $input: GuestInput!) { updateGuest(guestId: $id, input: $input) { __typename } }";
    let served = target
        .withstand("updates that change nothing", Attackers::WithKeys, &[], |attacker| {
            let guest = guests[usize::from(attacker.number)].clone();
            async move {
                let requests = (0..).map(|number| {
                    let input =
                        json!({ "familyName": "Guest", "idempotencyKey": format!("{number}{}", "x".repeat(200)) });
                    attacker.post(&json!({ "query": query, "variables": { "id": guest, "input": input } }))
                });
                attacker.send_all(requests).await;
            }
        })
        .await;
    assert!(served > 0, "a front desk updates guests");
    // The honest front desk sends no keys.
    let kept = app.database.number("SELECT COUNT(*) FROM idempotency_keys").await;
    assert_eq!(kept, 0, "idempotency keys are kept for updates that changed nothing");
}
