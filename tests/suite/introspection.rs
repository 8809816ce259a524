//! Whether clients can read the schema.

use api::IngressPolicy;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, on_each_database};

#[apply(on_each_database)]
async fn introspection_can_be_disabled(app: TestApp) {
    let server = app.another_with_ingress(IngressPolicy { no_introspection: true, ..IngressPolicy::default() }).await;
    let mut socket = Socket::acknowledged(&server).await;
    for query in [
        "{ __schema { queryType { name } } }",
        "{ other: __type(name: \"Guest\") { name } }",
        "{ ... { ...Told } } fragment Told on Query { __schema { queryType { name } } }",
        "{ _service { sdl } }",
    ] {
        let body = json!({ "query": query });
        assert!(app.post(&body.to_string()).await.data().is_object(), "{query}");
        let refused = server.post(&body.to_string()).await;
        assert_eq!(refused.error_code(), "GRAPHQL_VALIDATION_FAILED", "{query}");
        assert_eq!(refused.error_message(), "Introspection is disabled on this server.");
        assert_eq!(refused.body.get("data"), None);
        socket.subscribe("1", &body).await;
        assert_eq!(socket.receive().await["payload"], refused.body["errors"], "{query}");
        let events = server.subscribe(query, &json!({})).await.answer().await;
        assert_eq!(events["errors"], refused.body["errors"], "{query}");
    }
    assert_eq!(server.query("{ __typename }").await, "Query");
    assert_eq!(server.query("{ workshops { __typename } }").await["__typename"], "WorkshopConnection");
}
