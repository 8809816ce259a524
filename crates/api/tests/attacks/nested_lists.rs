//! Lists inside lists: a short document whose response grows with each level.

use macro_rules_attribute::apply;
use serde_json::{Value, json};
use tests::{TestApp, on_each_database};

use crate::{
    dataset::Dataset,
    size::ATTACKERS,
    target::{Attackers, Target},
};

/// The connections of a client that sends several requests at a time.
const CONNECTIONS: usize = 25;
/// The entries of `nodes` and `_entities` in one request.
const REPEATED_IDS: usize = 100;

/// A document that selects the sessions of a track again for each of its sessions, so many levels deep.
fn sessions_of_sessions(workshop: &str, levels: usize) -> Value {
    let (open, close) = ("sessions { track { ".repeat(levels), "} }".repeat(levels));
    json!({ "query": format!("{{ workshop(id: \"{workshop}\") {{ tracks {{ {open} id {close} }} }} }}") })
}

fn requests(data: &Dataset) -> Vec<Value> {
    let mut requests: Vec<_> = (1..=6).map(|levels| sessions_of_sessions(&data.ordinary_workshop, levels)).collect();
    requests.extend((1..=3).map(|levels| sessions_of_sessions(&data.long_track, levels)));
    let descriptions = (0..50).map(|number| format!("a{number}: description ")).collect::<Vec<_>>().concat();
    let session = "title room instructor startsAt endsAt status center { name timeZone }";
    for query in [
        format!("{{ workshop(id: $large) {{ sessions {{ track {{ workshop {{ sessions {{ {session} }} }} }} }} }} }}"),
        format!(
            "{{ workshop(id: $large) {{ centers {{ workshops(first: 100) {{ nodes {{ sessions {{ {session} }} }} }} }} }} }}"
        ),
        "{ workshop(id: $long) { sessions { track { workshop { description } } } } }".to_owned(),
        format!("{{ workshops(first: 100) {{ nodes {{ tracks {{ sessions {{ {session} }} }} }} }} }}"),
        format!("{{ workshops(first: 100) {{ nodes {{ {descriptions} }} }} }}"),
        "{ workshops(first: 100) { nodes { description } } }".to_owned(),
        format!(
            "{{ centers(first: 100) {{ nodes {{ workshops(first: 100) {{ nodes {{ sessions {{ {session} }} }} }} }} }} }}"
        ),
        format!("{{ nodes(ids: $ids) {{ ... on Workshop {{ sessions {{ {session} }} }} }} }}"),
        format!("{{ _entities(representations: $entities) {{ ... on Workshop {{ sessions {{ {session} }} }} }} }}"),
    ] {
        let mut declared = Vec::new();
        for (variable, kind) in [("large", "ID!"), ("long", "ID!"), ("ids", "[ID!]!"), ("entities", "[_Any!]!")] {
            if query.contains(&format!("${variable}")) {
                declared.push(format!("${variable}: {kind}"));
            }
        }
        let declared = if declared.is_empty() { String::new() } else { format!("({})", declared.join(", ")) };
        let entity = json!({ "__typename": "Workshop", "id": data.large_workshop });
        let variables = json!({
            "large": data.large_workshop,
            "long": data.long_track,
            "ids": vec![&data.large_workshop; REPEATED_IDS],
            "entities": vec![entity; REPEATED_IDS],
        });
        requests.push(json!({ "query": format!("query {declared} {query}"), "variables": variables }));
    }
    requests
}

#[apply(on_each_database)]
async fn nested_lists(app: TestApp) {
    let target = Target::start(&app).await;
    let requests = requests(&target.data);
    let served = target
        .withstand("nested lists", Attackers::Anonymous, &["RESPONSE_TOO_LARGE"], |attacker| {
            let mut requests: Vec<_> = requests.iter().map(|request| attacker.post(request)).collect();
            // Each client begins with other requests.
            let first = usize::from(attacker.number) * requests.len() / usize::from(ATTACKERS);
            requests.rotate_left(first);
            async move { attacker.send_all(requests.into_iter().cycle()).await }
        })
        .await;
    assert!(served > 0, "the shorter documents are within the limits");
}

#[apply(on_each_database)]
async fn concurrent_nested_lists(app: TestApp) {
    let target = Target::start(&app).await;
    let requests = requests(&target.data);
    let served = target
        .withstand("concurrent nested lists", Attackers::Anonymous, &["RESPONSE_TOO_LARGE", "TIMEOUT"], |attacker| {
            let requests = requests.iter().map(|request| attacker.post(request)).collect();
            attacker.send_concurrently(CONNECTIONS, requests)
        })
        .await;
    assert!(served > 0, "the shorter documents are within the limits");
}
