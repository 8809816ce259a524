//! Whether clients are told the schema.

use api::IngressPolicy;
use macro_rules_attribute::apply;
use serde_json::json;
use tests::{Socket, TestApp, on_each_database};

#[apply(on_each_database)]
async fn a_server_can_keep_its_schema_to_itself(app: TestApp) {
    let silent = app.another_behind(IngressPolicy { no_introspection: true, ..IngressPolicy::default() }).await;
    let mut socket = Socket::acknowledged(&silent).await;
    for telling in [
        "{ __schema { queryType { name } } }",
        "{ other: __type(name: \"Guest\") { name } }",
        "{ ... { ...Told } } fragment Told on Query { __schema { queryType { name } } }",
        "{ _service { sdl } }",
    ] {
        let body = json!({ "query": telling });
        assert!(app.post(&body.to_string()).await.data().is_object(), "{telling}");
        let refused = silent.post(&body.to_string()).await;
        assert_eq!(refused.error_code(), "GRAPHQL_VALIDATION_FAILED", "{telling}");
        assert_eq!(refused.error_message(), "Introspection is disabled on this server.");
        assert_eq!(refused.body.get("data"), None);
        socket.subscribe("1", &body).await;
        assert_eq!(socket.hear().await["payload"], refused.body["errors"], "{telling}");
        let told = silent.subscribe(telling, &json!({})).await.answer().await;
        assert_eq!(told["errors"], refused.body["errors"], "{telling}");
    }
    assert_eq!(silent.query("{ __typename }").await, "Query");
    assert_eq!(silent.query("{ workshops { __typename } }").await["__typename"], "WorkshopConnection");
}
