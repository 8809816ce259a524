use api::{Limits, Peer, RateLimits};
use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use chrono::TimeDelta;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, Socket, TestApp, at, now, on_each_database, percent_encode};

/// A query that costs 25: five for the page, and four for each of its rows.
const TWENTY_FIVE: &str = "{ workshops(first: 5) { nodes { id title capacity } } }";

/// A server with a budget of 60 for each client, which refills by 60 a minute.
async fn rate_limited(app: &TestApp) -> TestApp {
    let rate = RateLimits { per_minute: 60, burst: 60 };
    app.another_with_clock_ticks(Limits { rate, trusted_proxies: 1, ..Limits::default() }).await
}

#[apply(on_each_database)]
async fn every_response_contains_the_cost_of_its_operation(app: TestApp) {
    let app = rate_limited(&app).await;
    for (remaining, time) in [(35, 25), (10, 50)] {
        let answer = app.graphql(TWENTY_FIVE, &Value::Null).await;
        let cost = json!({ "requested": 25, "limit": 20_000, "remaining": remaining });
        assert_eq!(answer.body["extensions"], json!({ "cost": cost }));
        assert_eq!(answer.header("ratelimit-policy"), Some("\"cost\";q=60;w=60"));
        assert_eq!(answer.header("ratelimit"), Some(format!("\"cost\";r={remaining};t={time}").as_str()));
    }
    let refused = app.graphql("{ nonsense }", &Value::Null).await;
    assert_eq!((refused.body.get("extensions"), refused.header("ratelimit")), (None, None));
}

#[apply(on_each_database)]
async fn a_rate_limited_response_says_when_to_retry(app: TestApp) {
    let app = rate_limited(&app).await;
    for _ in 0..2 {
        app.graphql(TWENTY_FIVE, &Value::Null).await.data();
    }
    let assert_limited = |answer: &Answer, seconds: u64| {
        assert_eq!((answer.status, answer.error_code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
        assert_eq!(answer.header("retry-after"), Some(seconds.to_string().as_str()));
        assert_eq!(answer.header("ratelimit"), Some(format!("\"cost\";r=10;t={seconds}").as_str()));
        assert_eq!(answer.body["errors"][0]["extensions"]["retryAfter"], seconds);
        assert_eq!(answer.body.get("data"), None);
    };
    assert_limited(&app.graphql(TWENTY_FIVE, &Value::Null).await, 15);
    let get = format!("/graphql?query={}", percent_encode(TWENTY_FIVE.as_bytes()));
    assert_limited(&app.send(Request::get(get).body(Body::empty()).unwrap()).await, 15);
    for document in
        [TWENTY_FIVE, "subscription { changes { a: kind workshop { title } guest: registration { guest { id } } } }"]
    {
        let events =
            Request::post("/graphql").header("content-type", "application/json").header("accept", "text/event-stream");
        let answer = app.send(events.body(json!({ "query": document }).to_string().into()).unwrap()).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"), "{document}");
        assert!(answer.header("retry-after").is_some());
    }
    let mut socket = Socket::acknowledged(&app).await;
    // A WebSocket is charged to its address, which has its own budget.
    for id in ["1", "2"] {
        socket.subscribe(id, &json!({ "query": TWENTY_FIVE })).await;
        assert_eq!(socket.receive().await["payload"]["extensions"]["cost"]["requested"], 25);
        assert_eq!(socket.receive().await["type"], "complete");
    }
    socket.subscribe("3", &json!({ "query": TWENTY_FIVE })).await;
    let refused = socket.receive().await;
    assert_eq!(refused["type"], "error");
    assert_eq!(refused["payload"][0]["extensions"], json!({ "code": "RATE_LIMITED", "retryAfter": 15 }));

    app.set_time(at("2027-03-01T12:00:14Z"));
    assert_limited_at(&app, 1).await;
    app.set_time(at("2027-03-01T12:00:15Z"));
    app.graphql(TWENTY_FIVE, &Value::Null).await.data();
    socket.subscribe("3", &json!({ "query": TWENTY_FIVE })).await;
    assert_eq!(socket.receive().await["payload"]["extensions"]["cost"]["remaining"], 0);
}

async fn assert_limited_at(app: &TestApp, seconds: u64) {
    let answer = app.graphql(TWENTY_FIVE, &Value::Null).await;
    assert_eq!(answer.header("retry-after"), Some(seconds.to_string().as_str()), "{:#}", answer.body);
}

#[apply(on_each_database)]
async fn each_address_has_its_own_budget_and_only_trusted_proxies_name_it(app: TestApp) {
    let rate_limited = rate_limited(&app).await;
    let ask = async |app: &TestApp, peer: &str, forwarded: &str| {
        let request =
            Request::post("/graphql").header("content-type", "application/json").header("x-forwarded-for", forwarded);
        let mut request = request.body(Body::from(json!({ "query": TWENTY_FIVE }).to_string())).unwrap();
        request.extensions_mut().insert(ConnectInfo(Peer(peer.parse().unwrap())));
        app.send(request).await.body["extensions"]["cost"]["remaining"].clone()
    };
    assert_eq!(ask(&rate_limited, "192.0.2.1:1", "198.51.100.1").await, 35);
    assert_eq!(ask(&rate_limited, "192.0.2.1:2", "198.51.100.2").await, 35);
    // The proxy appends the address that it sees. Addresses to its left come from the client.
    assert_eq!(ask(&rate_limited, "192.0.2.1:3", "203.0.113.1, 198.51.100.1").await, 10);
    let rate = RateLimits { per_minute: 60, burst: 60 };
    let alone = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    assert_eq!(ask(&alone, "192.0.2.1:1", "198.51.100.1").await, 35);
    assert_eq!(ask(&alone, "192.0.2.1:2", "198.51.100.2").await, 10);
    assert_eq!(ask(&alone, "192.0.2.2:2", "198.51.100.2").await, 35);
}

#[apply(on_each_database)]
async fn repeated_failed_logins_are_rate_limited_and_cost_others_nothing(app: TestApp) {
    let rate = RateLimits { per_minute: 3_000, burst: 3_000 };
    let app = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    let guess = app.client().with_authorization("apikey nonsense");
    for _ in 0..3 {
        assert_eq!(guess.graphql(TWENTY_FIVE, &Value::Null).await.status, StatusCode::UNAUTHORIZED);
    }
    let limited = guess.graphql(TWENTY_FIVE, &Value::Null).await;
    assert_eq!((limited.status, limited.error_code()), (StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED"));
    let seconds = limited.body["errors"][0]["extensions"]["retryAfter"].as_u64().unwrap();
    assert_eq!(limited.header("retry-after"), Some(seconds.to_string().as_str()));
    let answer = app.graphql(TWENTY_FIVE, &Value::Null).await;
    assert_eq!(answer.body["extensions"]["cost"]["remaining"], 2_975, "anonymous callers have another budget");
    app.set_time(now() + TimeDelta::seconds(i64::try_from(seconds).unwrap()));
    assert_eq!(guess.graphql(TWENTY_FIVE, &Value::Null).await.status, StatusCode::UNAUTHORIZED);
}

#[apply(on_each_database)]
async fn a_rate_of_zero_disables_rate_limiting(app: TestApp) {
    let rate = RateLimits { per_minute: 0, burst: 1 };
    let app = app.another_with_clock_ticks(Limits { rate, ..Limits::default() }).await;
    let answer = app.graphql(TWENTY_FIVE, &Value::Null).await;
    assert_eq!(answer.body["extensions"], json!({ "cost": { "requested": 25, "limit": 20_000 } }));
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), (None, None));
}
