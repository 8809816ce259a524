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
            "CancelRegistration" => {
                assert_eq!(data["cancelRegistration"]["promoted"][0]["status"], "REGISTERED");
            }
            "PromoteFromWaitlist" => assert_eq!(data["promoteFromWaitlist"]["status"], "REGISTERED"),
            "CheckInGuest" => assert_eq!(data["checkInGuest"]["status"], "SIGNED_IN"),
            "UndoCheckIn" => assert_eq!(data["undoCheckIn"]["status"], "REGISTERED"),
            "MarkNoShow" => assert_eq!(data["markNoShow"]["status"], "NO_SHOW"),
            "ChangeTrack" => assert_eq!(data["changeTrack"]["registration"]["status"], "REGISTERED"),
            "RegisterGuests" => assert_eq!(data["registerGuests"]["results"].as_array().unwrap().len(), 3),
            "History" => assert_eq!(data["registration"]["history"]["totalCount"], 2),
            "Changes" => assert_eq!(data["changes"]["nodes"].as_array().unwrap().len(), 20),
            "BrowseWorkshops" => assert_eq!(data["workshops"]["totalCount"], 15),
            // Eight seats, three who waited, and the one who joined them in a tab.
            "FrontDesk" => assert_eq!(data["workshop"]["registrations"]["totalCount"], 12),
            "FindGuests" => {
                let guests = data["guests"]["nodes"].as_array().unwrap();
                assert!(!guests.is_empty() && guests.iter().all(|guest| guest["familyName"] == "Becker"));
            }
            "FindWorkshops" => assert_eq!(data["workshops"]["nodes"][0]["title"], "Wheel Throwing for Beginners"),
            "Registrations" => {
                let (total, counts) = (&data["registrations"]["totalCount"], &data["registrations"]["statusCounts"]);
                let counts = counts.as_array().unwrap().iter().map(|count| count["count"].as_u64().unwrap());
                assert_eq!(total.as_u64(), Some(counts.sum()));
                assert!(total.as_u64() > Some(20));
            }
            "Waitlist" => assert_eq!(data["workshop"]["registrations"]["nodes"][1]["waitlistPosition"], 2),
            "CreateWorkshop" => assert_eq!(data["createWorkshop"]["status"], "DRAFT"),
            "UpdateWorkshop" => assert_eq!(data["updateWorkshop"]["promoted"].as_array().unwrap().len(), 1),
            "PublishWorkshop" => assert_eq!(data["publishWorkshop"]["status"], "PUBLISHED"),
            "CancelWorkshop" => assert_eq!(data["cancelWorkshop"]["released"], 5),
            "AddTrack" => assert_eq!(data["addTrack"]["name"], "Evening bench"),
            "UpdateTrack" => assert_eq!(data["updateTrack"]["track"]["capacity"], 3),
            "RemoveTrack" => assert_eq!(data["removeTrack"]["__typename"], "RemoveTrackSuccess"),
            "AddSession" => assert_eq!(data["addSession"]["status"], "UPCOMING"),
            "UpdateSession" => assert_eq!(data["updateSession"]["room"], "Room 9"),
            "CancelSession" => assert_eq!(data["cancelSession"]["status"], "CANCELLED"),
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
