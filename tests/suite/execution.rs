//! Execution rules of the GraphQL specification, tested on the library itself: the newest stable async-graphql breaks
//! them, and an upgrade must not lose them.

use async_graphql::{EmptySubscription, Object, Result, Schema};
use tests::in_time;
use tokio::sync::Notify;

/// A query whose `slow` is ready only after `fast` has run.
#[derive(Default)]
struct Query {
    fast_has_run: Notify,
}
struct Mutation;
struct Item;

#[Object]
impl Item {
    async fn name(&self) -> &str {
        "item"
    }

    async fn must_fail(&self) -> Result<i32> {
        Err("failed".into())
    }

    async fn may_fail(&self) -> Option<Result<i32>> {
        Some(Err("failed".into()))
    }
}

#[Object]
impl Query {
    async fn slow(&self) -> &str {
        self.fast_has_run.notified().await;
        "slow"
    }

    async fn fast(&self) -> &str {
        self.fast_has_run.notify_one();
        "fast"
    }

    async fn item(&self) -> Item {
        Item
    }

    async fn nullable_item(&self) -> Option<Item> {
        Some(Item)
    }

    async fn items(&self) -> Vec<Option<Item>> {
        vec![Some(Item), None]
    }

    async fn non_null_items(&self) -> Option<Vec<Item>> {
        Some(vec![Item, Item])
    }
}

#[Object]
impl Mutation {
    async fn works(&self) -> &str {
        "done"
    }

    async fn may_fail(&self) -> Option<Result<i32>> {
        Some(Err("failed".into()))
    }

    async fn must_fail(&self) -> Result<i32> {
        Err("failed".into())
    }
}

async fn execute(query: &str) -> String {
    let schema = Schema::new(Query::default(), Mutation, EmptySubscription);
    serde_json::to_string(&in_time(schema.execute(query)).await.data).unwrap()
}

#[tokio::test]
async fn response_keys_are_in_the_order_of_the_selection() {
    assert_eq!(execute("{ slow fast }").await, r#"{"slow":"slow","fast":"fast"}"#);
    assert_eq!(execute("{ b: fast a: slow ... { c: fast } }").await, r#"{"b":"fast","a":"slow","c":"fast"}"#);
}

#[tokio::test]
async fn an_error_nulls_the_nearest_nullable_field() {
    assert_eq!(execute("{ item { name mayFail } }").await, r#"{"item":{"name":"item","mayFail":null}}"#);
    assert_eq!(execute("{ nullableItem { name mustFail } fast }").await, r#"{"nullableItem":null,"fast":"fast"}"#);
    assert_eq!(execute("{ fast item { mustFail } }").await, "null");
}

#[tokio::test]
async fn an_error_in_a_list_nulls_the_item_or_the_list() {
    assert_eq!(execute("{ items { name mustFail } }").await, r#"{"items":[null,null]}"#);
    assert_eq!(execute("{ nonNullItems { mustFail } fast }").await, r#"{"nonNullItems":null,"fast":"fast"}"#);
}

#[tokio::test]
async fn an_error_in_a_mutation_nulls_its_field_or_all_data() {
    assert_eq!(
        execute("mutation { works mayFail again: works }").await,
        r#"{"works":"done","mayFail":null,"again":"done"}"#
    );
    assert_eq!(execute("mutation { works mustFail }").await, "null");
}
