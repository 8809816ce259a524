//! The OpenAPI document and its page.

use api::Limits;
use axum::http::Method;
use macro_rules_attribute::apply;
use serde_json::Value;
use tests::{TestApp, on_each_database};

fn document() -> Value {
    serde_json::from_str(&api::openapi()).unwrap()
}

/// Each operation, with its method and its path.
fn operations(document: &Value) -> Vec<(Method, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let item = item.as_object().unwrap();
        item.iter().map(|(method, operation)| (method.to_uppercase().parse().unwrap(), path.clone(), operation))
    });
    operations.collect()
}

#[test]
fn every_operation_documents_its_statuses_headers_and_security() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let operations = operations(&document);
    assert_eq!(operations.len(), 8);
    for (method, path, operation) in &operations {
        for text in ["summary", "description", "operationId"] {
            assert!(operation[text].as_str().is_some_and(|text| !text.is_empty()), "{method} {path}: {text}");
        }
        assert!(operation["security"].as_array().is_some_and(|all| all.len() >= 2), "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        let mut expected = vec!["200", "401", "403", "404", "405", "421", "429", "500", "503", "504"];
        if path != "/v1/workshops" {
            expected.push("400");
        }
        if method == Method::POST {
            expected.extend(["413", "415"]);
        }
        if path != "/v1/workshops/{workshop_id}" {
            expected.push("422");
        }
        expected.sort_unstable();
        assert_eq!(responses.keys().collect::<Vec<_>>(), expected, "{method} {path}");
        for (status, response) in responses {
            let response = match response["$ref"].as_str() {
                Some(there) => document.pointer(there.trim_start_matches('#')).unwrap(),
                None => response,
            };
            assert!(response["headers"].get("x-request-id").is_some(), "{method} {path}: {status}");
            assert!(response["content"]["application/json"]["schema"].is_object(), "{method} {path}: {status}");
        }
    }
    let scheme = &document["components"]["securitySchemes"]["apikey"];
    assert_eq!(
        (&scheme["type"], &scheme["in"], &scheme["name"]),
        (&"apiKey".into(), &"header".into(), &"Authorization".into())
    );
}

#[test]
fn the_documented_limits_are_those_of_the_server() {
    let (text, limits) = (api::openapi(), Limits::default());
    for documented in
        [format!("at most {} bytes", limits.body), format!("longer than {} s,", limits.operation_timeout.as_secs())]
    {
        assert!(text.contains(&documented), "{documented}");
    }
}

#[test]
fn every_schema_property_and_parameter_has_a_description() {
    let document = document();
    let mut bare = Vec::new();
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        for (member, value) in schema["properties"].as_object().into_iter().flatten() {
            // A referenced schema has its own description, and the envelope's members are named after their content.
            let is_wrapped = value.get("$ref").is_some() || matches!(member.as_str(), "registrations" | "workshops");
            if value["description"].is_null() && !is_wrapped {
                bare.push(format!("{name}.{member}"));
            }
        }
    }
    for (method, path, operation) in operations(&document) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter["description"].is_null() {
                bare.push(format!("{method} {path} {}", parameter["name"]));
            }
        }
    }
    assert_eq!(bare, [""; 0]);
}

#[apply(on_each_database)]
async fn documented_operations_exist_and_the_document_is_served(app: TestApp) {
    for (method, path, _) in operations(&document()) {
        let path = path.replace(['{', '}'], "");
        let status = app.call(method.clone(), &path, None).await.status.as_u16();
        assert!(matches!(status, 200 | 400), "{method} {path}: {status}");
    }
    let served = app.call(Method::GET, "/v1/openapi.json", None).await;
    assert_eq!((served.status.as_u16(), served.body), (200, document()));
}

#[apply(on_each_database)]
async fn the_documentation_page_loads_nothing_from_other_origins(app: TestApp) {
    let page = app.call(Method::GET, "/v1/docs", None).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
    let html = page.body.as_str().unwrap();
    assert!(!html.contains("://") && !html.contains("<script>"), "{html}");
    for asset in html.split("/v1/docs/assets/").skip(1).filter_map(|rest| rest.split('"').next()) {
        let asset = app.call(Method::GET, &format!("/v1/docs/assets/{asset}"), None).await;
        assert_eq!((asset.status.as_u16(), asset.header("content-encoding")), (200, Some("gzip")));
    }
    for nowhere in ["/v1/docs/assets/nowhere.js", "/v1/docs/assets/..%2Findex.html", "/v1/docs/nowhere"] {
        assert_eq!(app.call(Method::GET, nowhere, None).await.status, 404, "{nowhere}");
    }
}
