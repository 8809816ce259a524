//! Every tab of the demo's playground is answered with what it is named for.

use api::{App, demo::Demo};
use domain::Actor;
use serde_json::Value;
use tests::Client;

#[tokio::test]
async fn every_tab_runs() {
    let demo = Demo::prepare().await.unwrap();
    let playground = demo.playground();
    let (app, _stop) = App::new(demo.store(), Actor::Demo, playground.clone());
    let client = Client::of(app.router());
    for tab in playground.tabs {
        let variables: Value = serde_json::from_str(tab.variables.as_deref().unwrap()).unwrap();
        let (_, rest) = tab.query.split_once("mutation ").or_else(|| tab.query.split_once("query ")).unwrap();
        let name = rest.split('(').next().unwrap();
        let answer = client.graphql(&tab.query, &variables).await;
        let data = answer.data();
        match name {
            "RegisterGuest" => assert_eq!(data["registerGuest"]["status"], "REGISTERED"),
            "JoinWaitlist" => assert_eq!(data["registerGuest"]["waitlistPosition"], 4),
            "RetrySafely" => {
                assert_eq!(data["first"]["status"], "REGISTERED");
                assert_eq!(data["first"], data["again"]);
            }
            "IdempotencyKeyReused" => assert_eq!(data["reused"]["__typename"], name),
            "CheckEligibility" => {
                assert_eq!(data["registrationEligibility"]["problem"]["__typename"], "CapacityExceeded");
            }
            "BrowseWorkshops" => assert_eq!(data["workshops"]["totalCount"], 15),
            "FrontDesk" => assert_eq!(data["workshop"]["registrations"]["totalCount"], 12),
            "CreateCenter" => assert_eq!(data["createCenter"]["name"], "Oficina do Porto"),
            "UpdateCenter" => assert_eq!(data["updateCenter"]["timeZone"], "Asia/Kolkata"),
            "CreateGuest" => assert_eq!(data["createGuest"]["homeCenter"]["name"], "Atelier am Kanal"),
            "UpdateGuest" => assert_eq!(data["updateGuest"]["phone"], "+1-202-555-0199"),
            "ImportGuests" => {
                let rows = data["importGuests"]["results"].as_array().unwrap();
                assert_eq!(
                    rows.iter().map(|row| &row["outcome"]).collect::<Vec<_>>(),
                    [&Value::from("CREATED"), &"UPDATED".into(), &Value::Null]
                );
            }
            problem => assert_eq!(data["registerGuest"]["__typename"], problem),
        }
    }
    demo.store().close().await;
}
