//! The metrics of a server.

use std::collections::BTreeSet;

use api::{Limits, RateLimits};
use axum::{body::Body, http::Request};
use futures_util::future::join_all;
use macro_rules_attribute::apply;
use persistence::{LaneSettings, Options};
use serde_json::{Value, json};
use tests::{Backend, TestApp, a_workshop, on_each_database, on_postgres};

use super::subscriptions::wait_for_followers;

const DASHBOARD: &str = include_str!("../../ops/grafana/atelier.json");
const ALERTS: &str = include_str!("../../ops/prometheus/alerts.yml");
const OPERATING: &str = include_str!("../../docs/operating.md");

#[track_caller]
fn assert_samples(app: &TestApp, expected: &[(&str, f64)]) {
    let found: Vec<_> = expected.iter().map(|(name, _)| (*name, app.metric(name))).collect();
    assert_eq!(found, expected);
}

/// Runs a command and a refused command, so that all metrics have samples.
async fn run_sample_commands(app: &TestApp) {
    let workshop = app.given(a_workshop()).await;
    app.register(&workshop, "ann").await.registration();
    assert_eq!(app.register(&workshop, "ann").await.problem().0, "AlreadyRegistered");
}

#[apply(on_each_database)]
async fn operations_are_counted_by_root_field_and_outcome(app: TestApp) {
    run_sample_commands(&app).await;
    app.query("query Quetzalcoatl { workshops { totalCount } }").await;
    app.graphql("{ quetzalcoatl }", &Value::Null).await;
    app.graphql("{ nonsense", &Value::Null).await;
    app.query("{ workshop(id: \"none\") { id } }").await;
    app.post("no JSON").await;
    let create = "mutation ($input: CenterInput!) { createCenter(input: $input) { __typename } }";
    for zone in ["Europe/Berlin", "Nowhere"] {
        app.graphql(create, &json!({ "input": { "name": "A center", "timeZone": zone } })).await.data();
    }
    assert_samples(
        &app,
        &[
            ("atelier_operations_total{operation=\"registerGuest\",outcome=\"ok\"}", 1.0),
            ("atelier_operations_total{operation=\"registerGuest\",outcome=\"AlreadyRegistered\"}", 1.0),
            ("atelier_operations_total{operation=\"workshops\",outcome=\"ok\"}", 1.0),
            ("atelier_operations_total{operation=\"unknown\",outcome=\"GRAPHQL_VALIDATION_FAILED\"}", 1.0),
            ("atelier_operations_total{operation=\"unknown\",outcome=\"GRAPHQL_PARSE_FAILED\"}", 1.0),
            ("atelier_operations_total{operation=\"none\",outcome=\"BAD_REQUEST\"}", 1.0),
            ("atelier_operations_total{operation=\"createCenter\",outcome=\"InputInvalid\"}", 1.0),
            ("atelier_operation_duration_seconds_count{operation=\"registerGuest\"}", 2.0),
            ("atelier_operations_in_flight", 0.0),
            ("atelier_commands_total{command=\"registerGuest\",outcome=\"done\"}", 1.0),
            ("atelier_commands_total{command=\"registerGuest\",outcome=\"refused\"}", 1.0),
            ("atelier_commands_total{command=\"createCenter\",outcome=\"done\"}", 1.0),
            ("atelier_batch_commands_sum", 2.0),
            ("atelier_batch_duration_seconds_count", 2.0),
        ],
    );
    let text = app.metrics.text();
    assert!(!text.to_lowercase().contains("quetzalcoatl"), "no label contains a client's text: {text}");
    assert!(app.metric("atelier_statement_duration_seconds_count{kind=\"select\"}") > 0.0);
    let pools = match app.backend() {
        // The number of readers follows that of the processors.
        Backend::Sqlite => [("write", 1.0)].to_vec(),
        Backend::Postgres => [("lanes", 2.0), ("other", 10.0)].to_vec(),
    };
    for (pool, most) in pools {
        assert_samples(&app, &[(&format!("atelier_database_connections_max{{pool=\"{pool}\"}}"), most)]);
        let open = |state| app.metric(&format!("atelier_database_connections{{pool=\"{pool}\",state=\"{state}\"}}"));
        assert!((1.0..=most).contains(&(open("idle") + open("busy"))), "{pool}");
    }
}

#[apply(on_each_database)]
async fn queued_and_rejected_commands_are_counted(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let lanes = LaneSettings { lanes: 1, queue: 2, batch: 1 };
    let small = app.another_with_options(Options { lanes, ..Options::default() }).await;
    let mut inputs = Vec::new();
    for guest in ["ann", "bob", "cem", "dan", "eva", "fay"] {
        inputs.push(small.input(&workshop, guest).await);
    }
    let held = app.database.block_writes().await;
    let registering = join_all(inputs.iter().map(|input| small.register_with(&workshop, input)));
    let releasing = async {
        small.wait_for_metric("atelier_lane_queue_depth{lane=\"0\"}", |waiting| waiting >= 2.0).await;
        let in_flight = small.metric("atelier_operations_in_flight");
        held.rollback().await;
        in_flight
    };
    let (answers, in_flight) = tokio::join!(registering, releasing);
    let settled = answers.iter().filter(|answer| answer.body.get("errors").is_none()).count();
    assert!(in_flight >= 2.0, "{in_flight} in flight");
    let (settled, refused) = (f64::from(u8::try_from(settled).unwrap()), f64::from(6 - u8::try_from(settled).unwrap()));
    assert!(refused >= 3.0);
    assert_samples(
        &small,
        &[
            ("atelier_operations_total{operation=\"registerGuest\",outcome=\"OVERLOADED\"}", refused),
            ("atelier_commands_total{command=\"registerGuest\",outcome=\"overloaded\"}", refused),
            ("atelier_commands_total{command=\"registerGuest\",outcome=\"done\"}", settled),
            ("atelier_lane_queue_depth{lane=\"0\"}", 0.0),
        ],
    );

    let rate = RateLimits { per_minute: 1, burst: 1 };
    let thrifty = app.another_with_limits(Limits { rate, max_subscriptions: 0, ..Limits::default() }).await;
    for _ in 0..2 {
        thrifty.graphql("{ viewer { role } }", &Value::Null).await;
    }
    thrifty.subscribe("subscription { changes { kind } }", &Value::Null).await;
    assert_samples(
        &thrifty,
        &[
            ("atelier_operations_total{operation=\"viewer\",outcome=\"RATE_LIMITED\"}", 1.0),
            ("atelier_operations_total{operation=\"changes\",outcome=\"OVERLOADED\"}", 1.0),
            ("atelier_subscriptions_max", 0.0),
        ],
    );
}

#[apply(on_each_database)]
async fn an_abandoned_operation_is_counted(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let held = app.database.block_writes().await;
    let registering = app.register_with(&workshop, &input);
    let gone = app.wait_for_metric("atelier_operations_in_flight", |operations| operations >= 1.0);
    tokio::select! {
        biased;
        _ = registering => panic!("the operation ended"),
        () = gone => {}
    }
    held.rollback().await;
    let abandoned = "atelier_operations_total{operation=\"registerGuest\",outcome=\"abandoned\"}";
    assert_samples(&app, &[(abandoned, 1.0), ("atelier_operations_in_flight", 0.0)]);
}

#[apply(on_each_database)]
async fn subscriptions_and_their_delay_are_measured(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let mut changes = app.subscribe("subscription { changes { kind } }", &Value::Null).await;
    let seats = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";
    let mut seats = app.subscribe(seats, &json!({ "id": workshop.id })).await;
    seats.expect_data().await;
    wait_for_followers(&app, 1, 1).await;
    app.register(&workshop, "ann").await.registration();
    changes.expect_data().await;
    assert_samples(
        &app,
        &[
            ("atelier_subscriptions", 2.0),
            ("atelier_watched_workshops", 1.0),
            ("atelier_journal_followers", 1.0),
            ("atelier_journal_delay_seconds_count", 1.0),
            ("atelier_operations_total{operation=\"changes\",outcome=\"ok\"}", 0.0),
        ],
    );
    drop((changes, seats));
    wait_for_followers(&app, 0, 0).await;
    assert_samples(
        &app,
        &[
            ("atelier_subscriptions", 0.0),
            ("atelier_journal_lag_seconds", 0.0),
            ("atelier_operations_total{operation=\"changes\",outcome=\"ok\"}", 1.0),
        ],
    );
}

// SQLite has one writer: no transaction can be open beside another.
#[apply(on_postgres)]
async fn an_open_transaction_increases_the_journal_lag(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let _changes = app.subscribe("subscription { changes { kind } }", &Value::Null).await;
    wait_for_followers(&app, 0, 1).await;
    let open = app.database.transaction("SELECT pg_current_xact_id()").await;
    app.register(&workshop, "ann").await.registration();
    app.wait_for_metric("atelier_journal_lag_seconds", |seconds| seconds > 0.0).await;
    open.rollback().await;
    app.wait_for_metric("atelier_journal_lag_seconds", |seconds| seconds == 0.0).await;
}

/// Every metric name in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.starts_with("atelier_") || word.starts_with("process_")).collect()
}

#[apply(on_each_database)]
async fn dashboard_alerts_and_documents_match_the_exported_metrics(app: TestApp) {
    run_sample_commands(&app).await;
    let text = app.metrics.text();
    let samples = text.lines().filter(|line| !line.starts_with('#'));
    let exported: BTreeSet<_> = samples.filter_map(|line| line.split([' ', '{']).next()).collect();

    let dashboard: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.iter().all(|panel| !names(&panel["targets"].to_string()).is_empty()));
    for (file, shown) in [("the dashboard", names(DASHBOARD)), ("the alerts", names(ALERTS))] {
        let unknown: Vec<_> = shown.difference(&exported).collect();
        assert!(unknown.is_empty(), "{file} use unknown metrics: {unknown:?}");
    }

    let families = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    for family in families {
        assert!(OPERATING.contains(&format!("| `{family}")), "{family} is not documented");
        assert!(names(DASHBOARD).iter().any(|name| name.starts_with(family)), "{family} is on no panel");
    }
}

#[apply(on_each_database)]
async fn metrics_are_not_served_to_clients(app: TestApp) {
    let answer = app.send(Request::get("/metrics").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, 404);
}
