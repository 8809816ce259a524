//! The two pages that a booking site shows most, by GraphQL and by hand, round by round.

use persistence::{Options, Store};
use sea_orm::{ConnectionTrait, Database, DbBackend, Statement};
use serde_json::{Value, json};
use tests::Cluster;
use tokio::process::Command;

use crate::{
    load::{Load, Measured, Request, median},
    process::{Server, sibling},
    say,
    seed::{self, Size},
};

const LIST: &str = include_str!("List.graphql");
const DETAIL: &str = include_str!("Detail.graphql");

/// Pages asked for, so that it is not always the same one.
const PAGES: u32 = 200;

struct Page {
    name: &'static str,
    graphql: Vec<Request>,
    by_hand: Vec<Request>,
}

pub(crate) async fn run(size: Size, load: Load, database_url: Option<String>) {
    let cluster = if database_url.is_some() { None } else { Cluster::durable() };
    let url = match (database_url, &cluster) {
        (Some(url), _) => url,
        (None, Some(cluster)) => filled(cluster, size).await,
        (None, None) => panic!("there is no PostgreSQL on this machine"),
    };
    let key = key(&url).await;
    let atelier = Server::start(&sibling("atelier"), &["serve", "--database-url", &url, "--rate-limit", "0"]).await;
    let by_hand = Server::start(&sibling("bench"), &["bare", "--database-url", &url]).await;
    say(&format!("{} MiB atelier, {} MiB by hand at rest", atelier.memory().round(), by_hand.memory().round()));
    let before = scans(&url).await;
    for page in pages(size, &key) {
        check(&atelier, &by_hand, &page).await;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..load.rounds {
            ours.push(load.on(&atelier, &page.graphql).await);
            theirs.push(load.on(&by_hand, &page.by_hand).await);
        }
        tell(page.name, median(&ours), median(&theirs));
    }
    say(&format!("{} MiB atelier, {} MiB by hand at the end", atelier.memory().round(), by_hand.memory().round()));
    let read_whole = scans(&url).await - before;
    assert_eq!(read_whole, 0, "every statement goes by an index");
    say("no table was read as a whole");
}

/// How often a large table was read as a whole so far: the database counts.
async fn scans(url: &str) -> i64 {
    let db = Database::connect(url).await.expect("the database");
    let sql = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables \
               WHERE relname IN ('workshops', 'tracks', 'sessions', 'registrations', 'guests', 'workshop_centers')";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = db.query_one_raw(statement).await.expect("statistics").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// A database with the data in it; answers with its URL.
async fn filled(cluster: &Cluster, size: Size) -> String {
    cluster.create("bench", "template0").await;
    let url = cluster.url("bench");
    let database = url.parse().expect("a URL");
    let store = Store::open(&database, Options { clock: seed::clock(), ..Options::default() }).await;
    let store = store.unwrap_or_else(|fault| panic!("{}", fault.for_operators()));
    say(&format!("{} workshops, {} guests, {} registrations", size.workshops, size.guests, size.registrations));
    seed::fill(&store, size).await;
    let findings = store.examine().await.expect("examined");
    assert!(findings.is_empty(), "the data is well: {findings:?}");
    store.close().await;
    let db = Database::connect(&url).await.expect("the database");
    db.execute_unprepared("VACUUM ANALYZE").await.expect("vacuumed");
    url
}

/// A new key that may see everything.
async fn key(url: &str) -> String {
    let arguments = ["keys", "create", "--role", "admin", "--name", "bench", "--database-url", url];
    let made = Command::new(sibling("atelier")).args(arguments).output().await.expect("a key");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}

fn pages(size: Size, key: &str) -> [Page; 2] {
    let numbers = |most: u32| (0..PAGES.min(most)).map(move |number| number * most.div_ceil(PAGES) % most);
    let graphql = |query: &str, id: String| {
        let body = json!({ "query": query, "variables": { "id": id } });
        Request::Post("/graphql".to_owned(), body, key.to_owned())
    };
    [
        Page {
            name: "list",
            graphql: numbers(size.centers()).map(|number| graphql(LIST, seed::center(number).to_string())).collect(),
            by_hand: numbers(size.centers())
                .map(|number| Request::Get(format!("/list/{}", seed::center(number).uuid())))
                .collect(),
        },
        Page {
            name: "detail",
            graphql: numbers(size.workshops)
                .map(|number| graphql(DETAIL, seed::workshop(number).to_string()))
                .collect(),
            by_hand: numbers(size.workshops)
                .map(|number| Request::Get(format!("/detail/{}", seed::workshop(number).uuid())))
                .collect(),
        },
    ]
}

/// Both servers show the same page: otherwise there is nothing to compare.
async fn check(atelier: &Server, by_hand: &Server, page: &Page) {
    for (graphql, get) in page.graphql.iter().zip(&page.by_hand) {
        let (ours, theirs) = (answer(atelier, graphql).await, answer(by_hand, get).await);
        assert!(ours.get("errors").is_none(), "{ours}");
        let ours = &ours["data"];
        let titles = |nodes: &Value| {
            nodes.as_array().map(|nodes| nodes.iter().map(|node| node["title"].clone()).collect::<Vec<_>>())
        };
        let names = |nodes: &Value, of: fn(&Value) -> &Value| {
            nodes.as_array().map(|nodes| nodes.iter().map(|node| of(node).clone()).collect::<Vec<_>>())
        };
        match page.name {
            "list" => {
                let (ours, theirs) = (&ours["workshops"]["nodes"], &theirs["nodes"]);
                assert_eq!(titles(ours), titles(theirs));
                let tracks = |nodes: &Value| names(nodes, |node| &node["tracks"][1]["name"]);
                assert_eq!(tracks(ours), tracks(theirs));
                let next = |nodes: &Value| names(nodes, |node| &node["nextSession"]["title"]);
                assert_eq!(next(ours), next(theirs));
            }
            _ => assert_eq!(
                names(&ours["workshop"]["registrations"]["nodes"], |node| &node["guest"]["givenName"]),
                names(&theirs["registrations"], |node| &node["name"])
            ),
        }
    }
}

async fn answer(server: &Server, request: &Request) -> Value {
    let text = server.ask(&request.text()).await;
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{text}"))
}

fn tell(name: &str, ours: Measured, theirs: Measured) {
    let row = |who: &str, one: Measured| {
        format!(
            "{name:<7} {who:<8} {:>8.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms   {:>6.3} ms of processor time each",
            one.rate, one.p50, one.p99, one.cpu
        )
    };
    say(&row("graphql", ours));
    say(&row("by hand", theirs));
    say(&format!(
        "{name:<7} graphql does {:.2} of the rate by hand, with {:.2} times the processor time",
        ours.rate / theirs.rate,
        ours.cpu / theirs.cpu
    ));
}
