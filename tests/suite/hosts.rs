//! The host names under which a server answers.

use api::{Host, IngressPolicy};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use macro_rules_attribute::apply;
use tests::{TestApp, on_each_database};

#[apply(on_each_database)]
async fn a_local_server_rejects_other_host_names(app: TestApp) {
    let open = &app;
    let app =
        app.another_with_ingress(IngressPolicy { hosts: Some(Host::loopback()), ..IngressPolicy::default() }).await;
    let ask = async |app: &TestApp, path: &str, host: &str| {
        let request = Request::get(path).header("host", host).header("sec-fetch-site", "same-origin");
        app.send(request.body(Body::empty()).unwrap()).await
    };
    for path in ["/graphql?query=%7B__typename%7D", "/graphql/ws", "/", "/nowhere"] {
        for local in ["localhost:8000", "127.0.0.1", "[::1]:80", "LOCALHOST"] {
            assert_ne!(ask(&app, path, local).await.status, StatusCode::MISDIRECTED_REQUEST, "{path} {local}");
        }
        for foreign in ["rebound.example.org", "rebound.example.org:8000", "127.0.0.1.example.org", "192.168.0.1"] {
            let answer = ask(&app, path, foreign).await;
            assert_eq!((answer.status, answer.error_code()), (StatusCode::MISDIRECTED_REQUEST, "BAD_REQUEST"));
            assert_ne!(ask(open, path, foreign).await.status, StatusCode::MISDIRECTED_REQUEST);
        }
    }
    // Health probes do not know the server's name.
    for probe in ["/health", "/ready"] {
        assert_eq!(ask(&app, probe, "10.0.0.7:8000").await.status, StatusCode::OK);
    }
}
