//! The pages of the playground and of Swagger UI with their assets, which cost nothing.

use macro_rules_attribute::apply;
use tests::{TestApp, on_sqlite};

use crate::target::{Attackers, Target};

#[apply(on_sqlite)]
async fn static_files(app: TestApp) {
    let target = Target::start(&app).await;
    let mut paths = vec!["/".to_owned(), "/v1/openapi.json".to_owned(), "/v1/docs".to_owned()];
    for page in ["/", "/v1/docs"] {
        let page = target.get(page);
        let quoted = page.split('"').filter(|text| text.contains("/assets/")).map(str::to_owned);
        paths.extend(quoted);
    }
    assert!(paths.len() > 3, "the pages have assets");
    let served = target
        .withstand("static files", Attackers::AtOneAddress, &[], |attacker| {
            let get = |path: &String| format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", attacker.host).into_bytes();
            let requests: Vec<_> = paths.iter().map(get).collect();
            async move { attacker.send_all(requests.into_iter().cycle()).await }
        })
        .await;
    assert!(served > 0, "browsers read the files");
}
