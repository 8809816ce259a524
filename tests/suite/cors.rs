//! CORS: pages of allowed origins can send requests, and others cannot.

use api::IngressPolicy;
use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Answer, Socket, TestApp, on_each_database};

const APP: &str = "https://app.example.org";
const ELSEWHERE: &str = "https://elsewhere.example.org";

/// A server that allows one origin.
async fn open_to_the_app(app: &TestApp) -> TestApp {
    app.another_with_ingress(IngressPolicy { origins: vec![APP.parse().unwrap()], ..IngressPolicy::default() }).await
}

/// Sends a request as a browser does for a page.
async fn from_page(app: &TestApp, origin: &str, method: Method, headers: &[(&str, &str)]) -> Answer {
    let request = Request::builder().method(method).uri("/graphql").header("host", "atelier.example.org");
    let request = request.header("origin", origin).header("sec-fetch-site", "same-site");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(Body::from(r#"{"query":"{ __typename }"}"#)).unwrap()).await
}

const PREFLIGHT: &[(&str, &str)] =
    &[("access-control-request-method", "POST"), ("access-control-request-headers", "authorization,content-type")];
const JSON: &[(&str, &str)] = &[("content-type", "application/json")];

#[apply(on_each_database)]
async fn a_page_of_an_allowed_origin_can_send_requests(app: TestApp) {
    let app = open_to_the_app(&app).await;
    let may = from_page(&app, APP, Method::OPTIONS, PREFLIGHT).await;
    assert!(may.status.is_success());
    for (name, value) in [
        ("access-control-allow-origin", APP),
        ("access-control-allow-methods", "GET,POST"),
        ("access-control-allow-headers", "content-type,authorization,x-request-id,traceparent"),
        ("access-control-max-age", "3600"),
    ] {
        assert_eq!(may.header(name), Some(value));
    }
    let answer = from_page(&app, APP, Method::POST, JSON).await;
    assert_eq!(answer.data(), &json!({ "__typename": "Query" }));
    assert_eq!(answer.header("access-control-allow-origin"), Some(APP));
    assert_eq!(
        answer.header("access-control-expose-headers"),
        Some("x-request-id,ratelimit,ratelimit-policy,retry-after")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    assert!(Socket::open_from_origin(&app, APP).await.is_ok());
    // The page can also read errors.
    let refused = from_page(&app, APP, Method::POST, &[]).await;
    assert_eq!(refused.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(refused.header("access-control-allow-origin"), Some(APP));
}

#[apply(on_each_database)]
async fn a_page_of_any_other_origin_is_rejected(app: TestApp) {
    let open = open_to_the_app(&app).await;
    for (app, origin) in [(&open, ELSEWHERE), (&open, "null"), (&app, APP)] {
        let may = from_page(app, origin, Method::OPTIONS, PREFLIGHT).await;
        assert_eq!(may.header("access-control-allow-origin"), None, "{origin}");
        let answer = from_page(app, origin, Method::POST, JSON).await;
        assert_eq!((answer.status, answer.error_code()), (StatusCode::FORBIDDEN, "FORBIDDEN"), "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        assert!(Socket::open_from_origin(app, origin).await.is_err(), "{origin}");
    }
}
