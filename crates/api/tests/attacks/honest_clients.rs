//! Clients that use the server during an attack as its users do, at a steady rate.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tests::Socket;
use tokio::time::{interval, timeout};

use crate::{
    binary::{Connection, Latencies, Response, connect_from},
    dataset::{Dataset, cancellation},
    size::Size,
};

/// The time between two requests of a client.
const PERIOD: Duration = Duration::from_millis(100);

const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const DESK: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
const NEWCOMER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

/// The server that honest clients use, and what they know about it.
#[derive(Clone, Debug)]
pub(crate) struct HonestClients {
    pub(crate) host: String,
    pub(crate) data: Dataset,
    /// The credential of the visitor; `None`: an anonymous client.
    pub(crate) visitor: Option<String>,
}

/// What the honest clients experienced.
pub(crate) struct Experience {
    /// The time from the moment when a request was due to its response.
    pub(crate) latencies: Latencies,
    /// Requests without a successful response in time.
    pub(crate) failures: Vec<String>,
    pub(crate) requests: usize,
}

type Visit = (Duration, Result<(), String>);

impl HonestClients {
    /// Uses the server for the duration of an attack. It needs a thread of its own, so that the clients of the attack do not
    /// delay it.
    pub(crate) fn run(&self, size: &Size) -> Experience {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (visitor, desk, newcomer) =
            runtime.block_on(async { tokio::join!(self.visitor(size), self.desk(size), self.newcomer(size)) });
        let visits = [("visitor", visitor), ("front desk", desk), ("newcomer", newcomer)];
        let (mut latencies, mut failures) = (Vec::new(), Vec::new());
        for (client, (latency, result)) in
            visits.into_iter().flat_map(|(client, visits)| visits.into_iter().map(move |visit| (client, visit)))
        {
            latencies.push(latency);
            failures.extend(result.err().map(|reason| format!("{client}: {reason}")));
        }
        Experience { requests: latencies.len(), latencies: latencies.into_iter().collect(), failures }
    }

    /// Reads the page of a workshop, on a persistent connection.
    async fn visitor(&self, size: &Size) -> Vec<Visit> {
        let query = "query ($id: ID!) { workshop(id: $id) { title status seatsAvailable startsAt
            centers { name } tracks { trackId name sessions { title startsAt endsAt } } } }";
        let page = json!({ "query": query, "variables": { "id": self.data.ordinary_workshop } });
        let mut client = Client::new(VISITOR, &self.host, self.visitor.clone());
        at_a_steady_rate(size, async |_| client.post(&page).await.map(|_| ())).await
    }

    /// Registers guests, reads the registrations of a workshop, and cancels, on a persistent connection.
    async fn desk(&self, size: &Size) -> Vec<Visit> {
        let page =
            "query ($id: ID!) { workshop(id: $id) { registrations(first: 20) { nodes { id guest { familyName } } } } }";
        let page = json!({ "query": page, "variables": { "id": self.data.full_workshop } });
        let mut client = Client::new(DESK, &self.host, Some(self.data.desk.authorization()));
        let mut registration = Value::Null;
        at_a_steady_rate(size, async |number| match number % 3 {
            0 => {
                let registered = client.post(&self.data.registration(0, number / 3)).await?;
                registration = registered["id"].clone();
                if registration.is_null() { Err(format!("not registered: {registered}")) } else { Ok(()) }
            }
            2 if !registration.is_null() => client.post(&cancellation(&registration.take())).await.map(|_| ()),
            _ => client.post(&page).await.map(|_| ()),
        })
        .await
    }

    /// Connects anew each time: as a load balancer that asks whether the server is ready, and as a visitor who watches the
    /// seats of a workshop.
    async fn newcomer(&self, size: &Size) -> Vec<Visit> {
        let query = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken } }";
        let watch = json!({ "query": query, "variables": { "id": self.data.full_workshop } });
        at_a_steady_rate(size, async |number| {
            let stream = connect_from(NEWCOMER, &self.host).await.map_err(|error| format!("no connection: {error}"))?;
            if number % 2 == 0 {
                let ready = Connection::over(stream, &self.host).get("/ready").await;
                let ready = ready.map_err(|error| format!("/ready: {error}"))?;
                // On a loaded machine, the database can be too slow for this check.
                let is_late = !size.is_machine_idle && ready.body["reason"] == "the database does not respond in time";
                return if ready.status == 200 || is_late { Ok(()) } else { Err(format!("/ready: {ready:?}")) };
            }
            let mut socket = Socket::try_open(stream, None).await.ok_or("no WebSocket")?;
            socket.try_send(&json!({ "type": "subscribe", "id": "1", "payload": watch })).await.ok_or("not sent")?;
            match socket.try_receive().await {
                Some(next) if next["type"] == "next" => Ok(()),
                other => Err(format!("no seats: {other:?}")),
            }
        })
        .await
    }
}

/// Runs an action at a steady rate for the duration of an attack.
async fn at_a_steady_rate(size: &Size, mut action: impl AsyncFnMut(usize) -> Result<(), String>) -> Vec<Visit> {
    let begun = Instant::now();
    let mut due = interval(PERIOD);
    let mut visits = Vec::new();
    while begun.elapsed() < size.duration {
        // After a slow response the next requests are late, and their lateness counts.
        let due = due.tick().await;
        let result = timeout(size.response_timeout, action(visits.len())).await;
        visits.push((due.elapsed(), result.unwrap_or_else(|_| Err("no response".to_owned()))));
    }
    visits
}

/// A client with a persistent connection.
struct Client {
    address: Ipv4Addr,
    host: String,
    authorization: Option<String>,
    connection: Option<Connection>,
}

impl Client {
    fn new(address: Ipv4Addr, host: &str, authorization: Option<String>) -> Self {
        Self { address, host: host.to_owned(), authorization, connection: None }
    }

    /// Posts a request, and returns the only root field of a response without errors.
    async fn post(&mut self, body: &Value) -> Result<Value, String> {
        let response = self.try_post(body).await.map_err(|error| format!("connection lost: {error}"))?;
        if response.status == 200 && response.error_code().is_none() {
            Ok(response.root_field().clone())
        } else {
            Err(format!("{} {}", response.status, response.body["errors"]))
        }
    }

    async fn try_post(&mut self, body: &Value) -> std::io::Result<Response> {
        // A failed or unfinished exchange leaves the connection unusable.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => Connection::over(connect_from(self.address, &self.host).await?, &self.host),
        };
        let response = connection.post_as(self.authorization.as_deref(), body).await?;
        self.connection = (!response.closes_connection()).then_some(connection);
        Ok(response)
    }
}
