//! The envelope of every response, also of errors outside the API.

use api::{Host, IngressPolicy, Limits};
use axum::{
    body::Body,
    http::{Method, Request},
};
use domain::access::Access;
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{Answer, TestApp, a_workshop, on_each_database};

use super::{register, registrations, rest_body, run_action};

const MISSING: (u16, i64, &str) =
    (400, 1004, "SessionId/Workshop Details/user id/ center id were not passed. Please check the input params.");

async fn send(app: &TestApp, method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(body.into()).unwrap()).await
}

#[apply(on_each_database)]
async fn a_response_contains_the_result_and_a_null_error_in_documented_order(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let answer = register(&app, &workshop, "ann").await;
    let registration = answer.expect_data("registrations");
    assert_eq!(answer.body, json!({ "registrations": { "id": registration["id"], "status": 0 }, "error": null }));
    assert!(registration["id"].as_str().unwrap().starts_with("reg_"));
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let in_graphql = app.query(&format!("{{ registration(id: {}) {{ status }} }}", registration["id"])).await;
    assert_eq!(in_graphql["status"], "REGISTERED");
}

#[apply(on_each_database)]
async fn a_body_with_wrong_types_is_refused_as_missing_input(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let path = registrations(&workshop.id);
    let good = rest_body(&app.input(&workshop, "ann").await);
    let json = [("content-type", "application/json")];
    for body in ["", "{", "[]", "null", "7", "\"\"", "{} {}", "\u{feff}{}", r#"{"track_id":1,"track_id":1}"#] {
        let answer = send(&app, Method::POST, &path, &json, body.to_owned()).await;
        assert_eq!(answer.expect_error("registrations"), MISSING, "{body}");
    }
    assert_eq!(send(&app, Method::POST, &path, &[], "").await.expect_error("registrations"), MISSING);
    assert_eq!(send(&app, Method::POST, &path, &json, vec![0xff]).await.expect_error("registrations"), MISSING);
    for (member, wrong) in [
        ("track_id", json!("1")),
        ("track_id", json!(1.5)),
        ("track_id", json!(2_147_483_648_i64)),
        ("guest_id", json!(1)),
        ("guest_id", json!({})),
        ("center_id", json!(["a"])),
        ("center_id", json!(null)),
        ("waitlist", json!("true")),
        ("waitlist", json!(1)),
    ] {
        let mut body = good.clone();
        body[member] = wrong;
        let answer = app.call(Method::POST, &path, Some(&body)).await;
        assert_eq!(answer.expect_error("registrations"), MISSING, "{body}");
    }
    let mut body = good.clone();
    body["waitlist"] = Value::Null;
    body["source"] = json!({ "of": "an integration" });
    app.call(Method::POST, &path, Some(&body)).await.expect_data("registrations");
}

#[apply(on_each_database)]
async fn http_errors_use_the_same_envelope(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let path = registrations(&workshop.id);
    let refused = async |method: Method, path: &str, headers: &[(&str, &str)], body: String| {
        let answer = send(&app, method, path, headers, body).await;
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
        let member =
            if path.ends_with("registrations") || path.contains("nowhere") { "registrations" } else { "workshops" };
        let (status, code, _) = answer.expect_error(member);
        assert_eq!(code, 2000 + i64::from(status), "{path}");
        answer
    };
    let nothing = String::new;
    for nowhere in [
        "/v1/nowhere",
        "/v1",
        "/v1/",
        "/v1/docs/nowhere",
        "/v1/docs/assets/nowhere",
        "/v1/workshops/nowhere/registrations/",
    ] {
        let answer = send(&app, Method::GET, nowhere, &[], "").await;
        assert_eq!(answer.expect_error("registrations").0, 404, "{nowhere}");
    }
    for (method, path, allow) in [
        (Method::DELETE, path.as_str(), "GET,HEAD,POST"),
        (Method::PATCH, "/v1/workshops", "GET,HEAD"),
        (Method::OPTIONS, "/v1/workshops", "GET,HEAD"),
    ] {
        let answer = refused(method, path, &[], nothing()).await;
        let mut allowed: Vec<_> = answer.header("allow").unwrap().split(',').collect();
        allowed.sort_unstable();
        assert_eq!((answer.status.as_u16(), allowed.join(",").as_str()), (405, allow), "{path}");
    }
    let long = format!("{{{}}}", " ".repeat(256 * 1024));
    let json = [("content-type", "application/json")];
    assert_eq!(refused(Method::POST, &path, &json, long).await.status, 413);
    for headers in [
        [("content-type", "text/plain"), ("accept", "*/*")],
        [("content-type", "application/json"), ("content-encoding", "gzip")],
    ] {
        assert_eq!(refused(Method::POST, &path, &headers, "{}".to_owned()).await.status, 415);
    }
    assert_eq!(refused(Method::POST, &path, &[], "{}".to_owned()).await.status, 415);
    let page = [("sec-fetch-site", "cross-site")];
    assert_eq!(refused(Method::GET, "/v1/workshops", &page, nothing()).await.status, 403);
    let head = send(&app, Method::HEAD, "/v1/workshops?size=0", &[], "").await;
    assert_eq!((head.status.as_u16(), head.body), (422, json!("")));
}

#[apply(on_each_database)]
async fn unauthenticated_and_misdirected_requests_use_the_same_envelope(app: TestApp) {
    let strict = app.another_with_authentication(api::Authentication::new(None, None), app.limits()).await;
    let silent = strict.call(Method::GET, "/v1/workshops", None).await;
    assert_eq!((silent.expect_error("workshops").0, silent.expect_error("workshops").1), (401, 2401));
    assert_eq!(silent.header("www-authenticate"), Some(r#"Bearer realm="atelier", apikey realm="atelier""#));
    let wrong = app.client().with_authorization("apikey nonsense").call(Method::GET, "/v1/workshops", None).await;
    assert_eq!((wrong.status.as_u16(), wrong.body["error"]["code"].as_i64()), (401, Some(2401)));
    assert!(wrong.header("www-authenticate").unwrap().contains("invalid_token"));

    let open = app.another_with_authentication(Access::public(), Limits::default()).await;
    open.call(Method::GET, "/v1/workshops", None).await.expect_data("workshops");
    let refused = open.call(Method::PUT, "/v1/workshops/none/registrations/none/cancel", None).await;
    assert_eq!(refused.expect_error("registrations").0, 401);
    assert!(refused.header("www-authenticate").is_some());

    let named =
        app.another_with_ingress(IngressPolicy { hosts: Some(Host::loopback()), ..IngressPolicy::default() }).await;
    let request = Request::get("/v1/workshops").header("host", "elsewhere.example.org");
    let answer = named.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!((answer.expect_error("workshops").0, answer.expect_error("workshops").1), (421, 2421));
}

#[apply(on_each_database)]
async fn a_page_of_an_allowed_origin_can_send_put_with_an_idempotency_key(app: TestApp) {
    let origin = "https://desk.example.org";
    let app = app
        .another_with_ingress(IngressPolicy { origins: vec![origin.parse().unwrap()], ..IngressPolicy::default() })
        .await;
    let path = "/v1/workshops/none/registrations/none/cancel";
    let preflight = [
        ("origin", origin),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "authorization,idempotency-key"),
    ];
    let may = send(&app, Method::OPTIONS, path, &preflight, "").await;
    assert!(may.status.is_success());
    assert_eq!(may.header("access-control-allow-methods"), Some("GET,POST,PUT"));
    assert!(may.header("access-control-allow-headers").unwrap().ends_with("idempotency-key"));
    let done = send(&app, Method::PUT, path, &[("origin", origin), ("sec-fetch-site", "cross-site")], "").await;
    assert_eq!((done.status.as_u16(), done.header("access-control-allow-origin")), (400, Some(origin)));
}

#[apply(on_each_database)]
async fn a_fault_is_masked_and_a_lost_database_returns_503(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    let ann = register(&app, &workshop, "ann").await.expect_data("registrations").clone();
    let before = app.database.number("SELECT COUNT(*) FROM registrations WHERE status = 3").await;
    app.database.execute("DROP TABLE idempotency_keys").await.unwrap();
    app.database.execute("DROP TABLE journal").await.unwrap();
    let fault = run_action(&app, &workshop, &ann, "sign_in").await;
    assert_eq!(fault.expect_error("registrations"), (500, 2500, "Something went wrong on our side."));
    assert_eq!(app.database.number("SELECT COUNT(*) FROM registrations WHERE status = 3").await, before);
    app.store.close().await;
    let gone = run_action(&app, &workshop, &ann, "cancel").await;
    assert_eq!((gone.expect_error("registrations").0, gone.expect_error("registrations").1), (503, 2503));
    assert_eq!(gone.header("retry-after"), Some("1"));
}
