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
            "RegistrationEligibility" => {
                assert_eq!(data["registrationEligibility"]["problem"]["__typename"], "CapacityExceeded");
            }
            "CancelRegistration" => {
                assert_eq!(data["cancelRegistration"]["promoted"][0]["status"], "REGISTERED");
            }
            "CheckInGuest" => assert_eq!(data["checkInGuest"]["status"], "SIGNED_IN"),
            "Workshops" => assert_eq!(data["workshops"]["totalCount"], 15),
            // Eight seats, three who waited, and the one who joined them in a tab.
            "Workshop" => assert_eq!(data["workshop"]["registrations"]["totalCount"], 12),
            // Everybody registered on one day, 60 days ago.
            "Statistics" => {
                let days = data["statistics"]["registrationsPerDay"].as_array().unwrap();
                let made: i64 = days.iter().filter_map(|day| day["count"].as_i64()).sum();
                assert!(days.len() == 7 && made > 10, "{days:?}");
                assert_eq!(data["statistics"]["registrations"], made);
            }
            "Changes" => assert_eq!(data["changes"]["nodes"].as_array().unwrap().len(), 20),
            "CreateWorkshop" => assert_eq!(data["createWorkshop"]["status"], "DRAFT"),
            "UpdateWorkshop" => assert_eq!(data["updateWorkshop"]["promoted"].as_array().unwrap().len(), 1),
            problem => assert_eq!(data["registerGuest"]["__typename"], problem),
        }
    }
    demo.store().close().await;
}
