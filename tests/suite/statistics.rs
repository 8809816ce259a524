//! Statistics for a dashboard.

use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, Workshop, a_workshop, at, now, on_each_database};

const NUMBERS: &str = "seatsTaken capacity fillRate registrations waitlistLength everWaitlisted promoted
    waitlistConversion attended noShows noShowRate";

async fn of_workshop(app: &TestApp, workshop: &Workshop) -> Value {
    let found = app.query(&format!("{{ workshop(id: \"{}\") {{ statistics {{ {NUMBERS} }} }} }}", workshop.id)).await;
    found["statistics"].clone()
}

/// The days with registrations, and their numbers.
async fn days(app: &TestApp, of: &str, arguments: &str) -> Vec<(String, i64)> {
    let query = format!("{{ {of} {{ statistics{arguments} {{ registrationsPerDay {{ date count }} }} }} }}");
    busy(&app.query(&query).await["statistics"])
}

fn busy(statistics: &Value) -> Vec<(String, i64)> {
    let days = statistics["registrationsPerDay"].as_array().unwrap().iter();
    let days = days.map(|day| (day["date"].as_str().unwrap().to_owned(), day["count"].as_i64().unwrap()));
    days.filter(|(_, count)| *count > 0).collect()
}

fn on(days: &[(&str, i64)]) -> Vec<(String, i64)> {
    days.iter().map(|(day, count)| ((*day).to_owned(), *count)).collect()
}

#[apply(on_each_database)]
async fn rates_are_computed_from_registrations(app: TestApp) {
    let workshop = app.given(a_workshop().capacity(4).sessions([TimeDelta::hours(2)])).await;
    let mut seated = Vec::new();
    for guest in ["ann", "bob", "cem", "dan"] {
        seated.push(app.register(&workshop, guest).await.registration().clone());
    }
    let mut waiting = Vec::new();
    for guest in ["eve", "fay", "gil"] {
        waiting.push(app.waitlist(&workshop, guest).await.registration().clone());
    }
    // A waitlisted guest cancels. A registered guest cancels, and the first waitlisted guest gets the seat.
    app.cancel(&waiting[1]).await.promoted();
    assert_eq!(app.cancel(&seated[0]).await.promoted(), [waiting[0]["id"].clone()]);
    assert_eq!(
        of_workshop(&app, &workshop).await,
        json!({ "seatsTaken": 4, "capacity": 4, "fillRate": 1.0, "registrations": 7, "waitlistLength": 1,
            "everWaitlisted": 3, "promoted": 1, "waitlistConversion": 1.0 / 3.0,
            "attended": 0, "noShows": 0, "noShowRate": null })
    );
    app.set_time(now() + TimeDelta::hours(3));
    app.on(&seated[1], "checkInGuest", "").await.registration();
    app.on(&seated[2], "checkInGuest", "").await.registration();
    app.on(&waiting[0], "checkInGuest", "").await.registration();
    app.on(&seated[3], "markNoShow", "").await.registration();
    let afterwards = of_workshop(&app, &workshop).await;
    assert_eq!((&afterwards["attended"], &afterwards["noShows"]), (&json!(3), &json!(1)));
    assert_eq!(afterwards["noShowRate"], 0.25);
    assert_eq!(afterwards["waitlistConversion"], 1.0 / 3.0);
}

#[apply(on_each_database)]
async fn a_rate_without_a_denominator_is_null(app: TestApp) {
    let none = json!({ "seatsTaken": 0, "capacity": 0, "fillRate": null, "registrations": 0, "waitlistLength": 0,
        "everWaitlisted": 0, "promoted": 0, "waitlistConversion": null, "attended": 0, "noShows": 0, "noShowRate": null });
    assert_eq!(app.query(&format!("{{ statistics {{ {NUMBERS} }} }}")).await, none, "there is no center");
    let unlimited = app.given(a_workshop().capacity(None)).await;
    assert_eq!(of_workshop(&app, &unlimited).await, none);
    let draft = app.given(a_workshop().stage(domain::Stage::Draft)).await;
    assert_eq!(of_workshop(&app, &draft).await, none, "a draft has no seats to fill");
    app.given(a_workshop()).await;
    for nothing in ["workshopId: \"nonsense\"", "centerId: \"ctr_01kdvdna00e008000004000000\""] {
        let found = app.query(&format!("{{ statistics(filter: {{ {nothing} }}) {{ {NUMBERS} }} }}")).await;
        assert_eq!(found, none, "{nothing}");
    }
    let days = app.query("{ statistics { registrationsPerDay { date count } } }").await;
    let days = days["registrationsPerDay"].as_array().unwrap();
    assert_eq!((days.len(), &days[29]), (30, &json!({ "date": "2027-03-01", "count": 0 })));
}

#[apply(on_each_database)]
async fn a_center_counts_its_registrations_and_the_seats_of_its_workshops(app: TestApp) {
    let (north, south) = (app.center("North").await, app.center("South").await);
    let clay = app.given_at(north, a_workshop().capacity(4)).await;
    let ink = app.given_at(south, a_workshop().capacity(6)).await;
    let both = "mutation ($id: ID!, $centers: [ID!]) { updateWorkshop(workshopId: $id, input: { centerIds: $centers }) { __typename } }";
    let centers = json!([north.to_string(), south.to_string()]);
    app.graphql(both, &json!({ "id": clay.id, "centers": centers })).await.data();
    for (guest, center) in [("ann", north), ("bob", south), ("cem", south)] {
        let input =
            json!({ "trackId": clay.tracks[0], "guestId": app.guest(guest).await, "centerId": center.to_string() });
        app.register_with(&clay, &input).await.registration();
    }
    app.register(&ink, "ann").await.registration();
    let found = app
        .graphql(
            "query ($north: ID!, $south: ID!, $clay: ID!) {
                north: center(id: $north) { statistics { registrations seatsTaken capacity } }
                south: center(id: $south) { statistics { registrations seatsTaken capacity } }
                clayInSouth: statistics(filter: { centerId: $south, workshopId: $clay }) { registrations seatsTaken capacity }
                clay: workshop(id: $clay) { statistics { registrations seatsTaken capacity } }
                all: statistics { registrations seatsTaken capacity }
            }",
            &json!({ "north": north.to_string(), "south": south.to_string(), "clay": clay.id }),
        )
        .await;
    let row = |registrations: i64, seats_taken: i64, capacity: i64| json!({ "registrations": registrations, "seatsTaken": seats_taken, "capacity": capacity });
    let data = found.data();
    assert_eq!(data["north"]["statistics"], row(1, 3, 4));
    assert_eq!(data["south"]["statistics"], row(3, 4, 10));
    assert_eq!(data["clayInSouth"], row(2, 3, 4));
    assert_eq!(data["clay"]["statistics"], row(3, 3, 4));
    assert_eq!(data["all"], row(4, 4, 10), "a workshop of two centers counts once");
}

#[apply(on_each_database)]
async fn days_follow_the_time_zone_of_the_center_also_at_clock_changes(app: TestApp) {
    let mut all = Vec::new();
    for (zone, period, made, expected) in [
        (
            "Asia/Kolkata",
            "2027-03-01 2027-03-02",
            // The last microsecond of a day, and the first of the next.
            vec!["2027-03-01T18:29:59.999999Z", "2027-03-01T18:30:00Z", "2027-03-02T18:30:00Z"],
            vec![("2027-03-01", 1), ("2027-03-02", 1)],
        ),
        (
            "Europe/Berlin",
            "2027-03-28 2027-03-28",
            // A day of 23 hours.
            vec!["2027-03-27T22:59:59Z", "2027-03-27T23:00:00Z", "2027-03-28T21:59:59.999999Z", "2027-03-28T22:00:00Z"],
            vec![("2027-03-28", 2)],
        ),
        (
            "America/Santiago",
            "2027-09-04 2027-09-06",
            // A day that begins at one o'clock.
            vec!["2027-09-05T03:59:59.999999Z", "2027-09-05T04:00:00Z", "2027-09-06T02:59:59Z", "2027-09-06T03:00:00Z"],
            vec![("2027-09-04", 1), ("2027-09-05", 2), ("2027-09-06", 1)],
        ),
    ] {
        let center = app.center_in(zone, zone).await;
        let workshop = app.given_at(center, a_workshop().window(None, None)).await;
        for (number, instant) in made.iter().enumerate() {
            app.set_time(at(instant));
            app.register(&workshop, &format!("guest {number}")).await.registration();
        }
        let (from, to) = period.split_once(' ').unwrap();
        let arguments = format!("(period: {{ from: \"{from}\", to: \"{to}\" }})");
        assert_eq!(days(&app, &format!("center(id: \"{center}\")"), &arguments).await, on(&expected), "{zone}");
        assert_eq!(days(&app, &format!("workshop(id: \"{}\")", workshop.id), &arguments).await, on(&expected));
        let counted: i64 = expected.iter().map(|(_, count)| count).sum();
        let totals = format!("{{ center(id: \"{center}\") {{ statistics{arguments} {{ registrations }} }} }}");
        assert_eq!(app.query(&totals).await["statistics"]["registrations"], counted, "{zone}");
        all.extend(made);
    }
    // Each registration counts on the local day of its center, and the sums add up all centers.
    let period = "{ from: \"2027-03-01\", to: \"2027-09-30\" }";
    let found = app
        .query(&format!(
            "{{ statistics(filter: {{ period: {period} }}) {{ registrations registrationsPerDay {{ date count }} }} }}"
        ))
        .await;
    assert_eq!(found["registrations"], all.len());
    assert_eq!(found["registrationsPerDay"].as_array().unwrap().len(), 214, "days without registrations are included");
    let march = [
        ("2027-03-01", 1),
        ("2027-03-02", 1),
        ("2027-03-03", 1),
        ("2027-03-27", 1),
        ("2027-03-28", 2),
        ("2027-03-29", 1),
    ];
    assert_eq!(busy(&found)[..6], on(&march));
}

#[apply(on_each_database)]
async fn a_workshop_counts_on_the_local_day_of_its_start(app: TestApp) {
    // Half past midnight on 6 March in Berlin.
    let starts_in = at("2027-03-05T23:30:00Z") - now();
    let workshop = app.given(a_workshop().capacity(5).sessions([starts_in])).await;
    app.given(a_workshop().capacity(7)).await;
    app.register(&workshop, "ann").await.registration();
    let capacity = async |of: &str, day: &str| {
        let period = format!("period: {{ from: \"{day}\", to: \"{day}\" }}");
        let query = match of {
            "statistics" => format!("{{ statistics(filter: {{ {period} }}) {{ capacity }} }}"),
            _ => format!("{{ {of} {{ statistics({period}) {{ capacity }} }} }}"),
        };
        let found = app.query(&query).await;
        found.get("statistics").unwrap_or(&found)["capacity"].as_i64().unwrap()
    };
    let (in_center, of_itself) =
        (format!("center(id: \"{}\")", workshop.center), format!("workshop(id: \"{}\")", workshop.id));
    for of in ["statistics", &in_center, &of_itself] {
        assert_eq!((capacity(of, "2027-03-06").await, capacity(of, "2027-03-05").await), (5, 0), "{of}");
    }
}

#[apply(on_each_database)]
async fn a_period_outside_its_limits_is_rejected(app: TestApp) {
    for (from, to, sentence) in [
        ("2027-01-01", "2028-01-02", "at most 366 days"),
        ("2027-03-02", "2027-03-01", "at least one day"),
        ("0002-01-01", "9998-12-31", "at most 366 days"),
        ("0001-01-01", "0001-01-02", "not a day"),
        ("2027-02-29", "2027-03-01", "not a day"),
        ("2027-3-1", "2027-03-01", "not a day"),
        ("20270301", "2027-03-01", "not a day"),
    ] {
        let period = json!({ "from": from, "to": to });
        let query = "query ($period: DateRange!) { statistics(filter: { period: $period }) { registrations } }";
        let answer = app.graphql(query, &json!({ "period": period })).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT", "{period}");
        assert!(answer.error_message().contains(sentence), "{}", answer.error_message());
    }
    app.center("A center").await;
    for day in ["0002-01-01", "9998-12-31"] {
        let query = format!(
            "{{ statistics(filter: {{ period: {{ from: \"{day}\", to: \"{day}\" }} }}) {{ registrations capacity registrationsPerDay {{ count }} }} }}"
        );
        assert_eq!(
            app.query(&query).await,
            json!({ "registrations": 0, "capacity": 0, "registrationsPerDay": [{ "count": 0 }] })
        );
    }
}

#[apply(on_each_database)]
async fn a_page_of_centers_takes_as_many_statements_as_one_center(app: TestApp) {
    for zone in ["Asia/Kolkata", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "Asia/Tokyo"] {
        let center = app.center_in(zone, zone).await;
        let workshop = app.given_at(center, a_workshop().sessions([TimeDelta::days(1)])).await;
        app.register(&workshop, zone).await.registration();
    }
    let page = async |size: usize| {
        let query = format!(
            "{{ centers(first: {size}) {{ nodes {{
                statistics(period: {{ from: \"2027-03-01\", to: \"2027-03-07\" }}) {{
                    fillRate waitlistConversion noShowRate registrations registrationsPerDay {{ count }} }} }} }} }}"
        );
        let (statements, list) = app.statements(app.query(&query)).await;
        let nodes = list["nodes"].as_array().unwrap();
        assert_eq!(nodes.len(), size);
        for center in nodes {
            assert_eq!(
                (&center["statistics"]["fillRate"], &center["statistics"]["registrations"]),
                (&json!(0.1), &json!(1))
            );
        }
        statements
    };
    // One statement for the list. Two for each of the three kinds of numbers: the time zones and the sum.
    assert_eq!((page(1).await, page(5).await), (7, 7));
}
