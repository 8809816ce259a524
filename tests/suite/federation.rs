//! A subgraph of a federated graph.

use async_graphql::parser::{parse_schema, types::TypeSystemDefinition};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, a_workshop, on_each_database};

const ENTITIES: &str = "query ($representations: [_Any!]!) {
    _entities(representations: $representations) {
        __typename
        ... on Workshop { title centers { name } }
        ... on Guest { givenName }
        ... on Center { name }
        ... on Registration { status guest { givenName } }
    }
}";

#[test]
fn entities_have_a_key_and_the_client_schema_has_no_federation_types() {
    let sdl = api::subgraph_sdl();
    let document = parse_schema(&sdl).unwrap();
    let with_key = document.definitions.iter().filter_map(|definition| match definition {
        TypeSystemDefinition::Type(definition) => {
            let mut directives = definition.node.directives.iter();
            let key = directives.find(|directive| directive.node.name.node == "key")?;
            Some(format!("{} by {}", definition.node.name.node, key.node.get_argument("fields")?.node))
        }
        _ => None,
    });
    assert_eq!(
        with_key.collect::<Vec<_>>(),
        [r#"Center by "id""#, r#"Guest by "id""#, r#"Registration by "id""#, r#"Workshop by "id""#]
    );
    assert!(sdl.contains("https://specs.apollo.dev/federation/v2"));
    assert!(!sdl.contains("_entities"), "the gateway adds this field");
    let plain = api::sdl();
    for word in ["@key", "@shareable", "@link", "_entities", "_service", "_Any", "_Entity", "_Service"] {
        assert!(!plain.contains(word), "{word}");
    }
}

#[apply(on_each_database)]
async fn the_subgraph_returns_its_schema(app: TestApp) {
    let service = app.query("{ _service { sdl } }").await;
    assert_eq!(service["sdl"].as_str(), Some(api::subgraph_sdl().as_str()));
}

#[apply(on_each_database)]
async fn entities_are_in_the_order_of_their_representations(app: TestApp) {
    let workshop = app.given(a_workshop().title("Clay")).await;
    let registration = app.register(&workshop, "ann").await.registration().clone();
    let of = |kind: &str, id: &Value| json!({ "__typename": kind, "id": id, "more": [1, { "a": null }] });
    let representations = [
        of("Registration", &registration["id"]),
        of("Workshop", &json!(workshop.id)),
        of("Guest", &registration["guest"]["id"]),
        of("Center", &json!(workshop.center)),
        of("Workshop", &json!(workshop.id)),
    ];
    let answer = app.graphql(ENTITIES, &json!({ "representations": representations })).await;
    let clay = json!({ "__typename": "Workshop", "title": "Clay", "centers": [{ "name": "A center" }] });
    assert_eq!(
        answer.field(),
        &json!([
            { "__typename": "Registration", "status": "REGISTERED", "guest": { "givenName": "ann" } },
            clay,
            { "__typename": "Guest", "givenName": "ann" },
            { "__typename": "Center", "name": "A center" },
            clay,
        ])
    );
}

#[apply(on_each_database)]
async fn representations_take_one_statement_for_each_type(app: TestApp) {
    let mut representations = Vec::new();
    for number in 0..40 {
        let workshop = app.given(a_workshop()).await;
        representations.push(json!({ "__typename": "Workshop", "id": workshop.id }));
        representations.push(json!({ "__typename": "Guest", "id": app.guest(&format!("guest {number}")).await }));
    }
    let query = "query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Workshop { title } ... on Guest { givenName } } }";
    let (statements, answer) = app.statements(app.graphql(query, &json!({ "representations": representations }))).await;
    assert_eq!(answer.field().as_array().unwrap().len(), 80);
    assert_eq!(statements, 2);
}

#[apply(on_each_database)]
async fn an_unknown_entity_is_null_and_an_invalid_representation_fails_alone(app: TestApp) {
    let guest = app.guest("ann").await;
    let ann = json!({ "__typename": "Guest", "id": guest });
    for nothing in ["gst_01kdvdna00e008000008000034", "nonsense", "", "wks_01kdvdna00e008000008000034"] {
        let representations = json!([{ "__typename": "Guest", "id": nothing }, ann]);
        let answer = app.graphql(ENTITIES, &json!({ "representations": representations })).await;
        assert_eq!(answer.field(), &json!([null, { "__typename": "Guest", "givenName": "ann" }]), "{nothing}");
    }
    for nonsense in [
        json!({ "__typename": "Track", "id": "trk_1" }),
        json!({ "__typename": "Nothing", "id": guest }),
        json!({ "__typename": "Guest" }),
        json!({ "__typename": "Guest", "id": 1 }),
        json!({ "id": guest }),
        json!({}),
        json!([]),
        json!("Guest"),
        json!(7),
    ] {
        let answer = app.graphql(ENTITIES, &json!({ "representations": [nonsense, ann] })).await;
        assert_eq!(answer.error_code(), "BAD_USER_INPUT", "{nonsense}");
        assert_eq!(answer.body["errors"][0]["path"], json!(["_entities", 0]), "{nonsense}");
        assert_eq!(answer.body["data"]["_entities"][1]["givenName"], "ann", "{nonsense}");
    }
    let none = app.graphql(ENTITIES, &json!({ "representations": [] })).await;
    assert_eq!(none.field(), &json!([]));
}

#[apply(on_each_database)]
async fn representations_multiply_the_cost_of_their_selection(app: TestApp) {
    let representation = json!({ "__typename": "Workshop", "id": "wks_01kdvdna00e00800000c000000" });
    let deep = "query ($representations: [_Any!]!) { _entities(representations: $representations) {
        ... on Workshop { registrations(first: 100) { nodes { id status } } } } }";
    let dear = app.graphql(deep, &json!({ "representations": vec![representation.clone(); 100] })).await;
    assert_eq!(dear.error_code(), "GRAPHQL_VALIDATION_FAILED");
    let flat = "query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }";
    let many = app.graphql(flat, &json!({ "representations": vec![representation; 1_001] })).await;
    assert_eq!(many.error_code(), "BAD_USER_INPUT");
    assert!(many.error_message().contains("1000"), "{}", many.error_message());
}
