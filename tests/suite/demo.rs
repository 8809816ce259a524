//! Every tab of the demo's playground returns the result in its name.

use std::{collections::BTreeSet, fs, path::Path};

use api::{App, demo::Demo};
use domain::{Actor, access::Access};
use futures_util::FutureExt;
use serde_json::Value;
use tests::Client;

/// The names of all example operations.
fn operations() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/operations");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn every_example_operation_has_a_tab() {
    let demo = Demo::prepare().await.unwrap();
    let tabs: BTreeSet<_> = demo.playground().tabs.iter().map(|tab| tab.operation().to_owned()).collect();
    assert!(tabs.is_superset(&operations()));
    demo.store().close().await;
}

/// Asserts that a subscription tab starts: it sends its first event, or it sends no error.
async fn follows(client: &Client, name: &str, query: &str, variables: &Value) {
    let mut events = client.subscribe(query, variables).await;
    match name {
        "OnWorkshopSeats" => {
            assert_eq!(events.expect_data().await["workshop"]["title"], "Wheel Throwing for Beginners");
        }
        "OnChanges" => assert!(events.expect_data().now_or_never().is_none(), "no change happens meanwhile"),
        other => panic!("unknown subscription {other}"),
    }
}

#[tokio::test]
async fn every_tab_returns_the_result_in_its_name() {
    let demo = Demo::prepare().await.unwrap();
    let playground = demo.playground();
    let (app, _stop) = App::new(demo.store(), Access::unlimited(Actor::Demo), playground.clone());
    let client = Client::of(app.router());
    let examples = operations();
    for tab in playground.tabs {
        let variables: Value = serde_json::from_str(tab.variables.as_deref().unwrap()).unwrap();
        let name = tab.operation();
        if tab.query.contains("\nsubscription ") {
            follows(&client, name, &tab.query, &variables).await;
            continue;
        }
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
            // Eight seats, three waitlisted guests, and the guest whom another tab adds to the waitlist.
            "Workshop" => assert_eq!(data["workshop"]["registrations"]["totalCount"], 12),
            // All guests registered on one day, 60 days ago.
            "Statistics" => {
                let days = data["statistics"]["registrationsPerDay"].as_array().unwrap();
                let made: i64 = days.iter().filter_map(|day| day["count"].as_i64()).sum();
                assert!(days.len() == 7 && made > 10, "{days:?}");
                assert_eq!(data["statistics"]["registrations"], made);
            }
            "Changes" => assert_eq!(data["changes"]["nodes"].as_array().unwrap().len(), 20),
            "CreateWorkshop" => assert_eq!(data["createWorkshop"]["status"], "DRAFT"),
            "UpdateWorkshop" => assert_eq!(data["updateWorkshop"]["promoted"].as_array().unwrap().len(), 1),
            // The other tabs are examples of the remaining operations. Examples of problems have the problem's name.
            name if examples.contains(name) => {
                assert!(data.as_object().unwrap().values().all(|found| !found.is_null()));
            }
            problem => assert_eq!(data["registerGuest"]["__typename"], problem),
        }
    }
    demo.store().close().await;
}
