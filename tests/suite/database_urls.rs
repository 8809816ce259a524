//! The addresses and kinds of PostgreSQL: IPv6, sockets, encodings, and a pooler in front of it.

use std::net::TcpListener;

use axum::http::StatusCode;
use macro_rules_attribute::apply;
use persistence::{DatabaseUrl, Options, Store, StoreError};
use tests::{Backend, Cluster, Database, PoolMode, Pooler, TestApp, a_workshop, available, on_postgres};

async fn open(url: &str) -> Result<Store, StoreError> {
    Store::open(&url.parse::<DatabaseUrl>().unwrap(), Options { connections: 4, ..Options::default() }).await
}

/// The reason why a database cannot be opened.
async fn refusal(url: &str) -> String {
    open(url).await.err().expect("an unsupported database").operator_message()
}

fn cluster() -> &'static Cluster {
    Cluster::shared().unwrap()
}

#[apply(on_postgres)]
async fn a_url_with_an_ipv6_address_or_a_socket_is_accepted(app: TestApp) {
    let (port, folder) = (cluster().port(), cluster().socket_folder().display());
    let name = app.database.url.rsplit('/').next().unwrap();
    let mut urls = vec![
        format!("postgres://atelier:any@/{name}?host={folder}&port={port}"),
        format!("postgres://atelier@:{port}/{name}?host={folder}"),
        format!("postgres:///{name}?host={folder}&port={port}&user=atelier"),
        format!("postgres://atelier@{}:{port}/{name}", folder.to_string().replace('/', "%2F")),
    ];
    // Some containers have no IPv6.
    if TcpListener::bind("[::1]:0").is_ok() {
        urls.push(format!("postgres://atelier@[::1]:{port}/{name}"));
    }
    for url in urls {
        let store = open(&url).await.unwrap_or_else(|fault| panic!("{url}: {fault:?}"));
        store.ping().await.unwrap();
        store.close().await;
    }
}

#[apply(on_postgres)]
async fn a_database_that_is_not_utf_8_is_refused(app: TestApp) {
    let name = format!("{}_ascii", app.database.url.rsplit('/').next().unwrap());
    for (encoding, locale) in [("SQL_ASCII", "C"), ("LATIN1", "C")] {
        let name = format!("{name}_{encoding}").to_lowercase();
        let create = format!(
            "CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE '{locale}' LC_CTYPE '{locale}'"
        );
        app.database.execute(&create).await.unwrap();
        let message = refusal(&cluster().url(&name)).await;
        assert!(message.contains(encoding) && message.contains("createdb -E UTF8"), "{message}");
    }
}

/// A pooler in front of the database of a test.
fn pooler(app: &TestApp, mode: PoolMode) -> Option<(Pooler, String)> {
    let pooler = available(Pooler::start(cluster().port(), mode))?;
    let url = pooler.url(&app.database.url, cluster().port());
    Some((pooler, url))
}

#[apply(on_postgres)]
async fn a_server_works_through_a_pooler_of_sessions(app: TestApp) {
    let Some((_pooler, url)) = pooler(&app, PoolMode::Session) else { return };
    let pooled = TestApp::over_database(Database::at(url)).await;
    assert_eq!(pooled.backend(), Backend::Postgres);
    let workshop = pooled.given(a_workshop()).await;
    pooled.register(&workshop, "ann").await.registration();
    pooled.store.ping().await.unwrap();

    // The settings hold: a change that waits for a lock gives up before the statement timeout of 30 s.
    let impatient = Options { lock_timeout: std::time::Duration::from_millis(200), ..Options::default() };
    let impatient = pooled.another_with_options(impatient).await;
    let held = app.database.lock_workshop(&workshop).await;
    let waited = impatient.register(&workshop, "bob").await;
    assert_eq!(waited.status, StatusCode::SERVICE_UNAVAILABLE, "{waited:?}");
    held.rollback().await;
    for store in [&pooled.store, &impatient.store] {
        store.close().await;
    }
}

#[apply(on_postgres)]
async fn a_pooler_of_transactions_is_refused(app: TestApp) {
    let Some((_pooler, url)) = pooler(&app, PoolMode::Transaction) else { return };
    let message = refusal(&url).await;
    assert!(message.contains("pool_mode = session"), "{message}");
}
