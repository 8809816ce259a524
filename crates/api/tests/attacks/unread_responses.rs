//! Clients that request large responses and do not read them, so that the server keeps them.

use macro_rules_attribute::apply;
use serde_json::json;
use tests::{TestApp, on_sqlite};
use tokio::{io::AsyncWriteExt, net::TcpSocket};

use crate::{
    attacker::Attacker,
    target::{Attackers, Target},
};

/// The connections that each client keeps.
const CONNECTIONS: usize = 50;

async fn request_and_wait(attacker: &Attacker, request: &[u8]) -> Option<()> {
    let socket = TcpSocket::new_v4().ok()?;
    // The responses do not fit into the buffers of the connection.
    socket.set_recv_buffer_size(4_096).ok()?;
    socket.bind((attacker.address, 0).into()).ok()?;
    let mut stream = socket.connect(attacker.host.parse().unwrap()).await.ok()?;
    stream.write_all(request).await.ok()?;
    attacker.responses.count_served();
    // Returns when the server gives up. Nothing reads, so an end of the connection shows as an error only.
    stream.ready(tokio::io::Interest::ERROR).await.ok()?;
    Some(())
}

#[apply(on_sqlite)]
async fn unread_responses(app: TestApp) {
    let target = Target::start(&app).await;
    target
        .withstand("unread responses", Attackers::Anonymous, &[], |attacker| {
            let query = "{ workshops(first: 100) { nodes { description } } }";
            let request = attacker.post(&json!({ "query": query }));
            attacker.keep(CONNECTIONS, move |attacker| {
                let request = request.clone();
                async move {
                    request_and_wait(&attacker, &request).await;
                }
            })
        })
        .await;
}
