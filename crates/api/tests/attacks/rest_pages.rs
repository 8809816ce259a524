//! The longest pages of the REST API, whose documents have no limit of cost.

use macro_rules_attribute::apply;
use tests::{TestApp, on_each_database};

use crate::target::{Attackers, Target};

#[apply(on_each_database)]
async fn rest_pages(app: TestApp) {
    let target = Target::start(&app).await;
    let paths = [
        "/v1/workshops?page=1&size=100".to_owned(),
        format!("/v1/workshops/{}", target.data.large_workshop),
        format!("/v1/workshops/{}", target.data.long_track),
        format!("/v1/workshops/{}/registrations?page=1&size=100", target.data.full_workshop),
    ];
    let served = target
        .withstand("REST pages", Attackers::WithKeys, &[], |attacker| {
            let authorization = attacker.authorization.clone().unwrap();
            let request = |path: &String| {
                format!("GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: {authorization}\r\n\r\n", attacker.host)
            };
            let requests: Vec<_> = paths.iter().map(|path| request(path).into_bytes()).collect();
            async move { attacker.send_all(requests.into_iter().cycle()).await }
        })
        .await;
    assert!(served > 0, "a page is within the limits");
}
