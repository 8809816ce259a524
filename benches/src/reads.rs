//! Q1 and Q2: the list page and the detail page by GraphQL, as plain rows by pgbench, and by the baseline server.

use serde_json::Value;

use crate::{
    dataset::Dataset,
    measurement::{Measurement, median},
    pages::{Page, PageKind, pages},
    process::{Server, sibling},
    reference_sql, report,
    request::Request,
    seed,
    wrk::{self, LoadArguments},
};

/// Measures both pages. pgbench runs on PostgreSQL only, and the baseline server if `with_baseline` is set.
pub(crate) async fn run(dataset: &Dataset, atelier: &Server, load: LoadArguments, with_baseline: bool) {
    let pages = pages(dataset);
    if dataset.is_postgres() {
        check_sequential_scans(dataset, atelier, load, &pages).await;
    }
    let baseline = if with_baseline {
        Some(Server::start(&sibling("bench"), &["baseline", "--database-url", &dataset.url]).await)
    } else {
        None
    };
    for page in pages {
        let (mut graphql, mut plain_rows, mut by_hand) = (Vec::new(), Vec::new(), Vec::new());
        if let Some(baseline) = &baseline {
            check_same_content(atelier, baseline, &page).await;
        }
        for _ in 0..load.rounds {
            graphql.push(wrk::run(load, atelier, &page.graphql).await);
            if dataset.is_postgres() {
                let script = reference_sql::page(page.kind, dataset.size, load.seconds);
                plain_rows.push(script.run(&dataset.url).await);
            }
            if let Some(baseline) = &baseline {
                by_hand.push(wrk::run(load, baseline, &page.baseline).await);
            }
        }
        print_report(page.kind, &graphql, &plain_rows, &by_hand);
    }
}

/// Requests every page, and fails if PostgreSQL counts a sequential scan of a large table.
async fn check_sequential_scans(dataset: &Dataset, atelier: &Server, load: LoadArguments, pages: &[Page]) {
    const SCANS: &str = "SELECT sum(seq_scan)::bigint FROM pg_stat_user_tables \
        WHERE relname IN ('workshops', 'tracks', 'sessions', 'registrations', 'guests', 'workshop_centers')";
    let scans = async || dataset.row(SCANS, []).await.try_get_by_index::<i64>(0).expect("a number");
    // PostgreSQL plans the first five runs of a statement on a connection for the given values, and can choose a sequential
    // scan for them. Only the later, generic plans count.
    for page in pages {
        wrk::run(load, atelier, &page.graphql).await;
    }
    let before = scans().await;
    for page in pages {
        wrk::run(load, atelier, &page.graphql).await;
    }
    let scans = scans().await - before;
    // In a small table a sequential scan is the better plan.
    if dataset.size.workshops >= seed::LARGE {
        assert_eq!(scans, 0, "a statement reads a large table without an index");
    }
    report::print_line(&format!("sequential scans: {scans}"));
}

/// Checks that both servers return the same content, because otherwise the comparison is meaningless.
async fn check_same_content(atelier: &Server, baseline: &Server, page: &Page) {
    for (graphql, get) in page.graphql.iter().zip(&page.baseline) {
        let (by_graphql, by_hand) = (response_json(atelier, graphql).await, response_json(baseline, get).await);
        assert!(by_graphql.get("errors").is_none(), "{by_graphql}");
        let data = &by_graphql["data"];
        let values = |nodes: &Value, value: fn(&Value) -> &Value| {
            nodes.as_array().map(|nodes| nodes.iter().map(|node| value(node).clone()).collect::<Vec<_>>())
        };
        match page.kind {
            PageKind::List => {
                let (by_graphql, by_hand) = (&data["workshops"]["nodes"], &by_hand["nodes"]);
                let titles = |nodes: &Value| values(nodes, |node| &node["title"]);
                assert_eq!(titles(by_graphql), titles(by_hand));
                let tracks = |nodes: &Value| values(nodes, |node| &node["tracks"][1]["name"]);
                assert_eq!(tracks(by_graphql), tracks(by_hand));
                let next_sessions = |nodes: &Value| values(nodes, |node| &node["nextSession"]["title"]);
                assert_eq!(next_sessions(by_graphql), next_sessions(by_hand));
            }
            PageKind::Detail => assert_eq!(
                values(&data["workshop"]["registrations"]["nodes"], |node| &node["guest"]["givenName"]),
                values(&by_hand["registrations"], |node| &node["name"])
            ),
        }
    }
}

async fn response_json(server: &Server, request: &Request) -> Value {
    let text = server.send(&request.closing_text()).await;
    let body = text.split_once("\r\n\r\n").map(|(_, body)| body).unwrap_or_default();
    serde_json::from_str(body).unwrap_or_else(|_| panic!("{text}"))
}

fn print_report(kind: PageKind, graphql: &[Measurement], plain_rows: &[Measurement], by_hand: &[Measurement]) {
    let (name, least_ratio, most_cpu_ms) = match kind {
        PageKind::List => ("Q1", 0.35, 0.45),
        PageKind::Detail => ("Q2", 0.40, 0.50),
    };
    let graphql = median(graphql);
    report::print_measurement(name, "GraphQL", "page", graphql);
    if !plain_rows.is_empty() {
        let plain_rows = median(plain_rows);
        report::print_measurement(name, "pgbench, plain rows", "page", plain_rows);
        let what = format!("{name} rate, relative to plain rows");
        report::print_minimum(&what, graphql.rate / plain_rows.rate, "", least_ratio);
        report::print_maximum(&format!("{name} processor time per page"), graphql.cpu_ms, " ms", most_cpu_ms);
    }
    if !by_hand.is_empty() {
        report::print_measurement(name, "handler written by hand", "page", median(by_hand));
    }
}
