//! A registration that is made and cancelled, again and again.

use macro_rules_attribute::apply;
use serde_json::Value;
use tests::{TestApp, on_each_database};

use crate::{
    attacker::Attacker,
    binary::Connection,
    dataset::{Dataset, cancellation},
    target::{Attackers, Target},
};

/// Registers a guest and cancels the registration, again and again.
async fn register_and_cancel(attacker: Attacker, data: Dataset) -> Option<()> {
    let workshop = usize::from(attacker.number) + 1;
    let mut connection = Connection::over(attacker.connect().await, &attacker.host);
    for guest in 0.. {
        let response = connection.exchange(&attacker.post(&data.registration(workshop, guest))).await.ok()?;
        attacker.responses.count(&response);
        let body: Value = serde_json::from_slice(&response.body).unwrap();
        let registration = &body["data"]["registerGuest"]["id"];
        if registration.is_string() {
            let response = connection.exchange(&attacker.post(&cancellation(registration))).await.ok()?;
            attacker.responses.count(&response);
        }
    }
    Some(())
}

#[apply(on_each_database)]
async fn registrations_and_cancellations(app: TestApp) {
    let target = Target::start(&app).await;
    let data = target.data.clone();
    let served = target
        .withstand("registrations and cancellations", Attackers::WithKeys, &[], |attacker| {
            let data = data.clone();
            async move {
                register_and_cancel(attacker, data).await.expect("the server keeps the connection");
            }
        })
        .await;
    assert!(served > 0, "a front desk registers guests");
}
