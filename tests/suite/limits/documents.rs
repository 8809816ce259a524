use std::time::{Duration, Instant};

use api::{DocumentLimits, Limits};
use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{REGISTER, TestApp, a_workshop, on_each_database};

use super::{assert_answered, assert_refused, assert_within_limits, on_every_transport};

/// The introspection query of graphql-js with all its options, as tools send it.
const INTROSPECTION: &str = include_str!("introspection.graphql");

/// A document of 1.2 KB with 2²² selections.
fn exponential() -> String {
    let fragments = (0..22)
        .map(|level| format!("fragment F{level} on Query {{ ...F{0} ...F{0} }} ", level + 1))
        .collect::<Vec<_>>()
        .concat();
    format!("{{ ...F0 }} {fragments} fragment F22 on Query {{ __typename }}")
}

#[apply(on_each_database)]
async fn exponential_fragments_are_rejected_in_milliseconds(app: TestApp) {
    let document = exponential();
    assert!(document.len() < 1_300);
    assert_refused(&app, &document, "document-selections", 1_000, 3 * (1 << 22) - 1).await;
    let mut fastest = Duration::MAX;
    for _ in 0..5 {
        let begun = Instant::now();
        app.graphql(&document, &Value::Null).await.error_code();
        fastest = fastest.min(begun.elapsed());
    }
    assert!(fastest < Duration::from_millis(20), "{fastest:?}");
}

#[apply(on_each_database)]
async fn a_recursive_fragment_is_rejected(app: TestApp) {
    for (way, answer) in
        on_every_transport(&app, "{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...A }").await
    {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{way}");
    }
}

#[apply(on_each_database)]
async fn selections_are_counted_with_fragments_expanded(app: TestApp) {
    let names = |number: usize| format!("{{ __schema {{ queryType {{ {} }} }} }}", "name ".repeat(number));
    assert_answered(&app, &names(998)).await;
    assert_refused(&app, &names(999), "document-selections", 1_000, 1_001).await;
    let spread = |number: usize| {
        format!("{{ __schema {{ queryType {{ {} }} }} }} fragment F on __Type {{ name name }}", "...F ".repeat(number))
    };
    assert_answered(&app, &spread(332)).await;
    assert_refused(&app, &spread(333), "document-selections", 1_000, 1_001).await;
}

#[apply(on_each_database)]
async fn bytes_and_tokens_are_limited_before_parsing(app: TestApp) {
    let long = |bytes: usize| format!("{{ __typename }} #{}", "x".repeat(bytes - 16));
    assert_answered(&app, &long(65_536)).await;
    assert_refused(&app, &long(65_537), "document-bytes", 65_536, 65_537).await;
    let tokens =
        |more: &str| format!("{{ __schema {{ queryType {{ {} {more} }} }} }}", "name @include(if: true) ".repeat(249));
    assert_answered(&app, &tokens("")).await;
    assert_refused(&app, &tokens("name"), "document-tokens", 2_000, 2_001).await;
    assert_refused(&app, &"{ ".repeat(10_000), "document-tokens", 2_000, 10_000).await;
}

#[apply(on_each_database)]
async fn nesting_of_brackets_and_fragments_is_limited(app: TestApp) {
    let lists = |levels: usize| format!("{{ node(id: {}{}) {{ id }} }}", "[".repeat(levels), "]".repeat(levels));
    assert_within_limits(&app, &lists(62)).await;
    assert_refused(&app, &lists(63), "document-nesting", 64, 65).await;
    let chain = |length: usize| {
        let fragments = (1..length)
            .map(|level| format!("fragment F{level} on Query {{ ...F{} }} ", level + 1))
            .collect::<Vec<_>>()
            .concat();
        format!("{{ ...F1 }} {fragments} fragment F{length} on Query {{ __typename }}")
    };
    assert_answered(&app, &chain(63)).await;
    assert_refused(&app, &chain(64), "document-nesting", 64, 65).await;
}

#[apply(on_each_database)]
async fn the_depth_of_fields_is_limited_also_through_fragments(app: TestApp) {
    let of_types = |levels: usize| {
        format!("{{ __type(name: \"Query\") {{ {} name {} }} }}", "ofType {".repeat(levels), "}".repeat(levels))
    };
    assert_answered(&app, &of_types(13)).await;
    assert_refused(&app, &of_types(14), "document-depth", 15, 16).await;
    let through = |levels: usize| {
        let nested = format!("{} ...G {}", "ofType {".repeat(levels), "}".repeat(levels));
        format!(
            "{{ __type(name: \"Query\") {{ ...F }} }} fragment F on __Type {{ {nested} }} \
            fragment G on __Type {{ ofType {{ name }} }}"
        )
    };
    assert_answered(&app, &through(12)).await;
    assert_refused(&app, &through(13), "document-depth", 15, 16).await;
}

#[apply(on_each_database)]
async fn aliases_are_counted_with_fragments_expanded(app: TestApp) {
    let aliases = |number: usize| {
        let names = (0..number).map(|number| format!("a{number}: name ")).collect::<Vec<_>>().concat();
        format!("{{ __schema {{ queryType {{ {names} }} }} }}")
    };
    assert_answered(&app, &aliases(50)).await;
    assert_refused(&app, &aliases(51), "document-aliases", 50, 51).await;
    let names = (0..25).map(|number| format!("a{number}: name ")).collect::<Vec<_>>().concat();
    let spread = |alias: &str| {
        format!(
            "{{ __schema {{ queryType {{ ...F }} {alias} mutationType {{ ...F }} }} }} fragment F on __Type {{ {names} }}"
        )
    };
    assert_answered(&app, &spread("")).await;
    assert_refused(&app, &spread("m:"), "document-aliases", 50, 51).await;
}

#[apply(on_each_database)]
async fn root_fields_are_counted_with_fragments_expanded(app: TestApp) {
    let fields = |number: usize| format!("{{ {} }}", "__typename ".repeat(number));
    assert_answered(&app, &fields(20)).await;
    assert_refused(&app, &fields(21), "document-root-fields", 20, 21).await;
    let spread =
        |more: &str| format!("{{ ...F ... {{ ...F }} {more} }} fragment F on Query {{ {} }}", "__typename ".repeat(10));
    assert_answered(&app, &spread("")).await;
    assert_refused(&app, &spread("__typename"), "document-root-fields", 20, 21).await;
}

#[apply(on_each_database)]
async fn directives_are_counted_in_every_position(app: TestApp) {
    for place in [
        "{ __typename @ }",
        "{ viewer @ { __typename } }",
        "{ ... @ { __typename } }",
        "{ ...F @ } fragment F on Query { __typename }",
        "{ ...F } fragment F on Query @ { __typename }",
        "query @ { __typename }",
        "query ($a: Int @) { workshops(first: $a) { totalCount } }",
    ] {
        let with = |number: usize| place.replace('@', &"@include(if: true) ".repeat(number));
        assert_within_limits(&app, &with(10)).await;
        assert_refused(&app, &with(11), "document-directives", 10, 11).await;
    }
    assert_answered(&app, "{ __typename @include(if: true) @skip(if: false) }").await;
    for unknown in ["{ __typename @nonsense }", "{ __typename @skip(unless: true) }", "{ __typename @include }"] {
        for (way, answer) in on_every_transport(&app, unknown).await {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "GRAPHQL_VALIDATION_FAILED", "{way}: {unknown}");
        }
    }
}

#[apply(on_each_database)]
async fn tools_can_introspect_the_schema_and_nested_introspection_is_rejected(app: TestApp) {
    assert_answered(&app, INTROSPECTION).await;
    assert_answered(&app, "{ __schema { types { fields { type { fields { name } } } } } }").await;
    assert_answered(&app, "{ __type(name: \"Workshop\") { fields { type { fields { type { fields { name } } } } } } }")
        .await;
    let nested = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    let estimated = 1 + 1 + 200 * (1 + 20 * (2 + 20 * (2 + 20)));
    assert_refused(&app, nested, "document-introspection", 1_000_000, estimated).await;
}

#[apply(on_each_database)]
async fn the_cost_of_an_operation_is_limited_with_page_sizes_multiplied(app: TestApp) {
    let costly = |names: usize| {
        format!(
            "{{ workshops(first: 100) {{ nodes {{ {} }} }} __schema {{ queryType {{ {} }} }} }}",
            "id ".repeat(198),
            "name ".repeat(names)
        )
    };
    assert_answered(&app, &costly(93)).await;
    assert_refused(&app, &costly(94), "document-cost", 20_000, 20_001).await;
}

#[apply(on_each_database)]
async fn an_int_beyond_32_bits_is_a_client_error(app: TestApp) {
    let workshop = app.given(a_workshop()).await;
    for number in ["2147483648", "-2147483649", "99999999999999999999", "1e400"] {
        for (way, answer) in
            on_every_transport(&app, &format!("{{ workshops(first: {number}) {{ totalCount }} }}")).await
        {
            let code = answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer:#}"));
            assert!(
                matches!(code, "BAD_USER_INPUT" | "GRAPHQL_VALIDATION_FAILED" | "GRAPHQL_PARSE_FAILED"),
                "{way} {number} {answer:#}"
            );
        }
    }
    let mut input = app.input(&workshop, "ann").await;
    input["trackId"] = json!(i32::MAX);
    assert_eq!(app.register_with(&workshop, &input).await.problem().0, "TrackNotInWorkshop");
    input["trackId"] = json!(i64::from(i32::MAX) + 1);
    assert_eq!(app.register_with(&workshop, &input).await.error_code(), "BAD_USER_INPUT");
    let query = json!({ "query": REGISTER, "variables": { "workshopId": workshop.id, "input": input } });
    let mut socket = tests::Socket::acknowledged(&app).await;
    socket.subscribe("1", &query).await;
    assert_eq!(socket.receive().await["payload"]["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
}

#[apply(on_each_database)]
async fn validation_errors_suggest_no_field_names(app: TestApp) {
    for document in [
        "{ workshop(id: \"x\") { titel } }",
        "{ workshop(ids: \"x\") { id } }",
        "{ workshops(orderBy: { field: TITEL }) { totalCount } }",
    ] {
        for (way, answer) in on_every_transport(&app, document).await {
            let message = answer["errors"][0]["message"].as_str().unwrap();
            assert!(!message.contains("Did you mean"), "{way}: {message}");
        }
    }
}

#[apply(on_each_database)]
async fn document_limits_can_be_configured(app: TestApp) {
    let documents = DocumentLimits { tokens: 100, aliases: 0, ..DocumentLimits::default() };
    let app = app.another_with_limits(Limits { documents, ..Limits::default() }).await;
    assert_answered(&app, &format!("{{ {} __typename }}", "# a comment is no token\n".repeat(100))).await;
    assert_refused(&app, &format!("{{ {} }}", "__typename ".repeat(99)), "document-tokens", 100, 101).await;
    assert_refused(&app, "{ a: __typename }", "document-aliases", 0, 1).await;
}
