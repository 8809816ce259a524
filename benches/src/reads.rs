//! The two pages that a booking site shows most: by GraphQL, as plain rows by pgbench, and by hand, round by round.

use serde_json::{Value, json};

use crate::{
    ground::Ground,
    limits,
    load::{Load, Measured, Request, median},
    process::{Server, sibling},
    say, seed, verdict,
};

const LIST: &str = include_str!("List.graphql");
const DETAIL: &str = include_str!("Detail.graphql");

/// Which page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Subject {
    /// Q1.
    List,
    /// Q2.
    Detail,
}

struct Page {
    subject: Subject,
    graphql: Vec<Request>,
    by_hand: Vec<Request>,
}

/// By GraphQL, by pgbench and, where a server written by hand is asked as well, by that.
pub(crate) async fn run(ground: &Ground, atelier: &Server, load: Load, is_by_hand: bool) {
    let pages = pages(ground);
    if ground.is_postgres() {
        nothing_is_read_whole(ground, atelier, load, &pages).await;
    }
    let by_hand = if is_by_hand {
        Some(Server::start(&sibling("bench"), &["bare", "--database-url", &ground.url]).await)
    } else {
        None
    };
    for page in pages {
        let (mut ours, mut rows, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(by_hand) = &by_hand {
            check(atelier, by_hand, &page).await;
        }
        for _ in 0..load.rounds {
            ours.push(load.on(atelier, &page.graphql).await);
            if ground.is_postgres() {
                rows.push(limits::page(page.subject, ground.size, load.seconds).run(&ground.url).await);
            }
            if let Some(by_hand) = &by_hand {
                theirs.push(load.on(by_hand, &page.by_hand).await);
            }
        }
        tell(page.subject, &ours, &rows, &theirs);
    }
}

/// Asks for every page before anybody else does: the database counts how often a large table was read as a whole.
async fn nothing_is_read_whole(ground: &Ground, atelier: &Server, load: Load, pages: &[Page]) {
    const SCANS: &str = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables \
        WHERE relname IN ('workshops', 'tracks', 'sessions', 'registrations', 'guests', 'workshop_centers')";
    let scans = async || ground.row(SCANS, []).await.try_get_by_index::<i64>(0).expect("a number");
    // PostgreSQL plans the first five runs of a statement on a connection for their very values, and may then find that
    // reading a table as a whole is no dearer: what counts is how it goes on.
    for page in pages {
        load.on(atelier, &page.graphql).await;
    }
    let before = scans().await;
    for page in pages {
        load.on(atelier, &page.graphql).await;
    }
    let scans = scans().await - before;
    // A small table is read as a whole by a database that knows what it does.
    if ground.size.workshops >= seed::LARGE {
        assert_eq!(scans, 0, "every statement goes by an index");
    }
    say(&format!("{scans} times a table was read as a whole"));
}

fn pages(ground: &Ground) -> [Page; 2] {
    let numbers = |of: u32| {
        let (pages, step) = seed::sample(of);
        (0..pages).map(move |number| number * step % of)
    };
    let graphql = |query: &str, id: String| {
        let body = json!({ "query": query, "variables": { "id": id } });
        Request::Post("/graphql".to_owned(), body, ground.key.clone())
    };
    let (centers, workshops) = (ground.size.centers(), ground.size.workshops);
    [
        Page {
            subject: Subject::List,
            graphql: numbers(centers).map(|number| graphql(LIST, seed::center(number).to_string())).collect(),
            by_hand: numbers(centers)
                .map(|number| Request::Get(format!("/list/{}", seed::center(number).uuid())))
                .collect(),
        },
        Page {
            subject: Subject::Detail,
            graphql: numbers(workshops).map(|number| graphql(DETAIL, seed::workshop(number).to_string())).collect(),
            by_hand: numbers(workshops)
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
        match page.subject {
            Subject::List => {
                let (ours, theirs) = (&ours["workshops"]["nodes"], &theirs["nodes"]);
                assert_eq!(titles(ours), titles(theirs));
                let tracks = |nodes: &Value| names(nodes, |node| &node["tracks"][1]["name"]);
                assert_eq!(tracks(ours), tracks(theirs));
                let next = |nodes: &Value| names(nodes, |node| &node["nextSession"]["title"]);
                assert_eq!(next(ours), next(theirs));
            }
            Subject::Detail => assert_eq!(
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

fn tell(subject: Subject, ours: &[Measured], rows: &[Measured], theirs: &[Measured]) {
    let (name, rate, cpu) = match subject {
        Subject::List => ("Q1", 0.35, 0.45),
        Subject::Detail => ("Q2", 0.40, 0.50),
    };
    let ours = median(ours);
    verdict::row(name, "GraphQL", ours);
    if !rows.is_empty() {
        let rows = median(rows);
        verdict::row(name, "pgbench, plain rows", rows);
        verdict::at_least(&format!("{name} by the rate of plain rows"), ours.rate / rows.rate, rate);
        verdict::at_most(&format!("{name} processor time in ms"), ours.cpu, cpu);
    }
    if !theirs.is_empty() {
        verdict::row(name, "by hand", median(theirs));
    }
}
