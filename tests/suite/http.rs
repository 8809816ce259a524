//! GraphQL over HTTP as specified, and protection against cross-origin requests of browsers.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use macro_rules_attribute::apply;
use persistence::Options;
use serde_json::json;
use tests::{Answer, REGISTER, TestApp, a_workshop, on_each_database, on_postgres};

const TYPENAME: &str = r#"{"query":"{ __typename }"}"#;
const GRAPHQL_RESPONSE: &str = "application/graphql-response+json";

/// A request with these headers.
fn request(method: Method, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(uri);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.body(Body::from(body.to_owned())).unwrap()
}

async fn post(app: &TestApp, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = [("content-type", "application/json")].iter().chain(headers).copied().collect();
    app.send(request(Method::POST, "/graphql", &headers, body)).await
}

#[apply(on_each_database)]
async fn the_response_has_the_requested_media_type(app: TestApp) {
    for (accept, content_type) in [
        ("*/*", "application/json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        (GRAPHQL_RESPONSE, "application/graphql-response+json; charset=utf-8"),
    ] {
        let answer = post(&app, &[("accept", accept)], TYPENAME).await;
        assert_eq!((answer.status, answer.header("content-type")), (StatusCode::OK, Some(content_type)));
        assert_eq!(answer.data(), &json!({ "__typename": "Query" }));
    }
    let neither = post(&app, &[("accept", "text/html")], TYPENAME).await;
    assert_eq!((neither.status, neither.error_code()), (StatusCode::NOT_ACCEPTABLE, "BAD_REQUEST"));
}

#[apply(on_each_database)]
async fn a_request_error_has_no_data_and_a_status_that_depends_on_the_media_type(app: TestApp) {
    for query in ["{", "{ nonsense }", "query a { __typename } query b { __typename }"] {
        let body = json!({ "query": query }).to_string();
        let legacy = post(&app, &[], &body).await;
        assert_eq!((legacy.status, legacy.body.get("data")), (StatusCode::OK, None));
        let modern = post(&app, &[("accept", GRAPHQL_RESPONSE)], &body).await;
        assert_eq!((modern.status, modern.body.get("data")), (StatusCode::BAD_REQUEST, None));
    }
}

#[apply(on_each_database)]
async fn an_execution_error_keeps_its_data_and_status_200(app: TestApp) {
    let body = json!({ "query": "{ __typename workshops(first: -1) { totalCount } }" }).to_string();
    let answer = post(&app, &[("accept", GRAPHQL_RESPONSE)], &body).await;
    assert_eq!((answer.status, answer.error_code()), (StatusCode::OK, "BAD_USER_INPUT"));
    assert_eq!(answer.body.get("data"), Some(&json!(null)));
    assert_eq!(answer.body["errors"][0]["path"], json!(["workshops"]));
}

#[apply(on_each_database)]
async fn only_json_bodies_are_accepted(app: TestApp) {
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/graphql"]
    {
        let answer = app.send(request(Method::POST, "/graphql", &[("content-type", content_type)], TYPENAME)).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST"));
    }
    let none = app.send(request(Method::POST, "/graphql", &[], TYPENAME)).await;
    assert_eq!(none.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let compressed = post(&app, &[("content-encoding", "gzip")], TYPENAME).await;
    assert_eq!((compressed.status, compressed.error_code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "BAD_REQUEST"));
}

#[apply(on_each_database)]
async fn ambiguous_requests_are_rejected(app: TestApp) {
    for body in [
        r#"{"query":"{ __typename }","query":"{ __typename }"}"#,
        r#"{"query":"{ __typename }","variables":{"a":1,"a":2}}"#,
        "\u{feff}{\"query\":\"{ __typename }\"}",
        "[]",
        r#"[{"query":"{ __typename }"}]"#,
        "1",
    ] {
        let answer = post(&app, &[], body).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{body}");
    }
    for query in
        ["query=%7B__typename%7D&query=%7B__typename%7D", "query=%7B__typename%7D&variables=%7B%22a%22:1,%22a%22:2%7D"]
    {
        let answer = app.send(request(Method::GET, &format!("/graphql?{query}"), &[], "")).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::BAD_REQUEST, "BAD_REQUEST"), "{query}");
    }
}

#[apply(on_each_database)]
async fn unsupported_methods_and_paths_return_405_and_404(app: TestApp) {
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::TRACE] {
        for (path, allow) in [
            ("/graphql", "GET,HEAD,POST,OPTIONS"),
            ("/graphql/ws", "GET,HEAD"),
            ("/ready", "GET,HEAD"),
            ("/", "GET,HEAD"),
        ] {
            let answer = app.send(request(method.clone(), path, &[], "")).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::METHOD_NOT_ALLOWED, "BAD_REQUEST"));
            let mut allowed: Vec<_> = answer.header("allow").unwrap().split(',').collect();
            let mut expected: Vec<_> = allow.split(',').collect();
            allowed.sort_unstable();
            expected.sort_unstable();
            assert_eq!(allowed, expected, "{path}");
        }
    }
    for path in ["/nowhere", "/graphql/", "/graphql/nowhere", "/playground/assets/nowhere.js", "/playground/assets/%ff"]
    {
        let answer = app.send(request(Method::GET, path, &[], "")).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::NOT_FOUND, "BAD_REQUEST"), "{path}");
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{path}");
    }
    let head = app.send(request(Method::HEAD, "/graphql?query=%7B__typename%7D", &[], "")).await;
    assert_eq!((head.status, &head.body), (StatusCode::OK, &json!("")));
    let options = app.send(request(Method::OPTIONS, "/graphql", &[], "")).await;
    assert_eq!((options.status, options.header("allow")), (StatusCode::NO_CONTENT, Some("GET,HEAD,POST,OPTIONS")));
}

#[apply(on_each_database)]
async fn get_runs_queries_and_rejects_mutations(app: TestApp) {
    let get = async |query: &str| app.send(request(Method::GET, &format!("/graphql?{query}"), &[], "")).await;
    assert_eq!(get("query=%7B__typename%7D").await.data(), &json!({ "__typename": "Query" }));
    let variables = "query=query(%24id:ID!)%7Bworkshop(id:%24id)%7Bid%7D%7D&variables=%7B%22id%22:%22x%22%7D";
    assert_eq!(get(variables).await.data(), &json!({ "workshop": null }));

    let workshop = app.given(a_workshop()).await;
    let mutation = "query=mutation%7BregisterGuest(workshopId:%22x%22,input:%7B%7D)%7B__typename%7D%7D";
    let named = "query=query%20a%7B__typename%7Dmutation%20b%7BregisterGuest(workshopId:%22x%22,input:%7B%7D)%7B__typename%7D%7D&operationName=b";
    for refused in [mutation, named] {
        let answer = get(refused).await;
        assert_eq!((answer.status, answer.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, Some("POST")));
    }
    app.register(&workshop, "ann").await.registration();
    for (bad, status) in [
        ("", StatusCode::BAD_REQUEST),
        ("query=%7B", StatusCode::OK),
        (&format!("query=%7Bnode(id:{}", "[".repeat(5_000)), StatusCode::OK),
        ("query=%ff", StatusCode::BAD_REQUEST),
        ("query=%7B__typename%7D&%ff=1", StatusCode::BAD_REQUEST),
        ("query=%7B__typename%7D&variables=nonsense", StatusCode::BAD_REQUEST),
        ("query=%7B__typename%7D&variables=%5B%5D", StatusCode::BAD_REQUEST),
    ] {
        let answer = get(bad).await;
        assert_eq!(answer.status, status, "{bad}: {:#}", answer.body);
        answer.error_code();
    }
}

#[apply(on_each_database)]
async fn cross_origin_requests_are_rejected_on_every_endpoint(app: TestApp) {
    let get = "/graphql?query=%7B__typename%7D";
    for (method, uri) in [(Method::POST, "/graphql"), (Method::GET, get), (Method::GET, "/graphql/ws")] {
        let ask = async |headers: &[(&str, &str)]| {
            let all: Vec<_> =
                [("content-type", "application/json"), ("host", "here")].iter().chain(headers).copied().collect();
            app.send(request(method.clone(), uri, &all, TYPENAME)).await
        };
        for foreign in [
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
            ("origin", "http://there"),
            ("origin", "null"),
        ] {
            let answer = ask(&[foreign]).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::FORBIDDEN, "FORBIDDEN"), "{uri} {foreign:?}");
        }
        for ours in [("sec-fetch-site", "same-origin"), ("origin", "http://here")] {
            assert_ne!(ask(&[ours]).await.status, StatusCode::FORBIDDEN, "{uri} {ours:?}");
        }
    }
}

#[apply(on_each_database)]
async fn a_response_has_a_request_id_and_keeps_a_valid_one_of_the_client(app: TestApp) {
    let mine = post(&app, &[("x-request-id", "front-desk:42")], TYPENAME).await;
    assert_eq!(mine.header("x-request-id"), Some("front-desk:42"));
    for insane in ["", "a b", "<script>", &"x".repeat(129)] {
        let answer = post(&app, &[("x-request-id", insane)], TYPENAME).await;
        let id = answer.header("x-request-id").unwrap();
        assert!(id != insane && id.parse::<uuid::Uuid>().is_ok(), "{id}");
    }
}

#[apply(on_each_database)]
async fn responses_have_security_headers(app: TestApp) {
    for (method, path) in [
        (Method::POST, "/graphql"),
        (Method::GET, "/graphql"),
        (Method::GET, "/ready"),
        (Method::GET, "/nowhere"),
        (Method::GET, "/"),
    ] {
        let answer = app.send(request(method, path, &[("content-type", "application/json")], TYPENAME)).await;
        for (name, value) in [
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        let vary = path.starts_with("/graphql").then_some("accept, origin, authorization");
        assert_eq!(answer.header("vary"), vary, "{path}");
    }
}

#[apply(on_each_database)]
async fn a_fault_is_masked_and_returns_the_request_id(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    app.database.execute("DROP TABLE idempotency_keys").await.unwrap();
    app.database.execute("DROP TABLE journal").await.unwrap();
    let body = json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } }).to_string();
    let answer = post(&app, &[("x-request-id", "find-me")], &body).await;
    let error = &answer.body["errors"][0];
    assert_eq!(error["message"], "Something went wrong on our side.");
    assert_eq!(error["extensions"], json!({ "code": "INTERNAL_SERVER_ERROR", "requestId": "find-me" }));
    // The transaction was rolled back as a whole.
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations").await, 0);
    assert_eq!(app.database.number("SELECT SUM(seats_taken) FROM workshops").await, 0);
}

#[apply(on_each_database)]
async fn health_and_ready_differ_while_the_server_stops(app: TestApp) {
    let probe = async |path: &str| app.send(request(Method::GET, path, &[], "")).await;
    assert_eq!(probe("/health").await.body, json!({ "status": "ok" }));
    assert_eq!(probe("/ready").await.body, json!({ "status": "ready" }));
    app.stop.stop();
    assert_eq!(probe("/health").await.status, StatusCode::OK);
    let stopping = probe("/ready").await;
    assert_eq!(stopping.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stopping.body, json!({ "status": "not ready", "reason": "the server is stopping" }));
}

#[apply(on_each_database)]
async fn a_draining_server_is_not_ready_and_closes_connections(app: TestApp) {
    let ask = async || app.graphql("{ __typename }", &json!(null)).await;
    assert_eq!(ask().await.header("connection"), None);
    app.stop.mark_not_ready();
    assert_eq!(app.send(request(Method::GET, "/ready", &[], "")).await.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = ask().await;
    assert_eq!((answer.field(), answer.header("connection")), (&json!("Query"), Some("close")));
}

// On SQLite a reader waits for no writer.
#[apply(on_postgres)]
async fn a_server_is_ready_while_all_database_connections_are_busy(app: TestApp) {
    let app = app.another_with_options(Options { connections: 1, ..Options::default() }).await;
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    let held = app.database.block_writes().await;
    let registering = app.register_with(&workshop, &input);
    let probing = async {
        app.database.wait_for_lock_waiters(1).await;
        let ready = app.send(request(Method::GET, "/ready", &[], "")).await;
        held.rollback().await;
        ready
    };
    let (registered, ready) = tokio::join!(registering, probing);
    assert_eq!(ready.status, StatusCode::OK, "{:#}", ready.body);
    registered.registration();
}

#[apply(on_each_database)]
async fn a_server_without_a_database_is_not_ready(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let input = app.input(&workshop, "ann").await;
    app.store.close().await;
    let ready = app.send(request(Method::GET, "/ready", &[], "")).await;
    assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
    let answer = app.register_with(&workshop, &input).await;
    assert_eq!((answer.status, answer.error_code()), (StatusCode::SERVICE_UNAVAILABLE, "SERVICE_UNAVAILABLE"));
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[apply(on_each_database)]
async fn the_playground_is_served_with_a_content_security_policy(app: TestApp) {
    let page = app.send(request(Method::GET, "/", &[], "")).await;
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, Some("text/html; charset=utf-8")));
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none';"));
    let missing = app.send(request(Method::GET, "/playground/assets/..%2Findex.html", &[], "")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(app.send(request(Method::GET, "/nowhere", &[], "")).await.status, StatusCode::NOT_FOUND);
}
