//! The schema in both forms, which is large and cheap to request.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, on_sqlite};

use crate::target::{Attackers, Target};

const INTROSPECTION: &str = include_str!("../../../../tests/suite/limits/introspection.graphql");

#[apply(on_sqlite)]
async fn schema_requests(app: TestApp) {
    let target = Target::start(&app).await;
    let served = target
        .withstand("schema requests", Attackers::Anonymous, &[], |attacker| async move {
            let many = (0..20).map(|number| format!("a{number}: _service {{ sdl }} ")).collect::<Vec<_>>().concat();
            let documents = [format!("{{ {many} }}"), "{ _service { sdl } }".to_owned(), INTROSPECTION.to_owned()];
            let requests = documents.map(|document| attacker.post(&json!({ "query": document })));
            attacker.send_all(requests.into_iter().cycle()).await;
        })
        .await;
    assert!(served > 0, "tools read the schema");
}
