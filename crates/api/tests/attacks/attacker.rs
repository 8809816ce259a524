use std::{net::Ipv4Addr, sync::Arc, time::Duration};

use serde_json::Value;
use tests::Socket;
use tokio::{net::TcpStream, task::JoinSet, time::interval};

use crate::{
    binary::{Connection, connect_from, post_request},
    refusals::Responses,
};

/// The time between two attempts to connect.
const RECONNECT_INTERVAL: Duration = Duration::from_millis(10);

/// One client of an attack, with an address of its own. It attacks until its task is aborted.
#[derive(Clone, Debug)]
pub(crate) struct Attacker {
    /// Its number among the clients of the attack, from 0.
    pub(crate) number: u8,
    /// The address of the server.
    pub(crate) host: String,
    pub(crate) address: Ipv4Addr,
    pub(crate) authorization: Option<String>,
    pub(crate) responses: Arc<Responses>,
}

impl Attacker {
    /// Opens a connection; tries again if the server closes it at once.
    pub(crate) async fn connect(&self) -> TcpStream {
        let mut attempts = interval(RECONNECT_INTERVAL);
        loop {
            attempts.tick().await;
            match connect_from(self.address, &self.host).await {
                Ok(stream) => return stream,
                Err(_) => self.responses.count_disconnected(),
            }
        }
    }

    /// Opens an acknowledged WebSocket; tries again if the server refuses it.
    pub(crate) async fn open_socket(&self) -> Socket {
        let mut attempts = interval(RECONNECT_INTERVAL);
        loop {
            attempts.tick().await;
            match Socket::try_open(self.connect().await, self.authorization.as_deref()).await {
                Some(socket) => return socket,
                None => self.responses.count_disconnected(),
            }
        }
    }

    /// The bytes of a posted GraphQL request.
    pub(crate) fn post(&self, body: &Value) -> Vec<u8> {
        post_request(&self.host, self.authorization.as_deref(), &body.to_string()).into_bytes()
    }

    /// Sends requests again and again on so many connections. Each connection begins with another request.
    pub(crate) async fn send_concurrently(self, connections: usize, requests: Vec<Vec<u8>>) {
        let mut clients = JoinSet::new();
        for number in 0..connections {
            let (attacker, mut requests) = (self.clone(), requests.clone());
            let first = number * requests.len() / connections;
            requests.rotate_left(first);
            clients.spawn(async move { attacker.send_all(requests.into_iter().cycle()).await });
        }
        clients.join_all().await;
    }

    /// Keeps so many pieces of work going, such as open connections. One that ends counts as disconnected, and begins anew.
    pub(crate) async fn keep<F>(self, count: usize, work: impl Fn(Self) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let mut running = JoinSet::new();
        loop {
            while running.len() < count {
                running.spawn(work(self.clone()));
            }
            running.join_next().await;
            self.responses.count_disconnected();
        }
    }

    /// Sends requests one after the other on a persistent connection.
    pub(crate) async fn send_all(&self, requests: impl IntoIterator<Item = Vec<u8>>) {
        let mut connection = Connection::over(self.connect().await, &self.host);
        for request in requests {
            match connection.exchange(&request).await {
                Ok(response) => self.responses.count(&response),
                Err(_) => {
                    self.responses.count_disconnected();
                    connection = Connection::over(self.connect().await, &self.host);
                }
            }
        }
    }
}
