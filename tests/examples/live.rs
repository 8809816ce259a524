//! Measures how fast a change reaches a thousand subscribers, and what it costs: `just bench-live`.
//!
//! The server runs in its own process, so that its memory can be measured. All subscribers run in this process, on
//! WebSockets over the loopback interface. Each registration is sent when the last subscriber has received the one before.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use api::Limits;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::{Backend, Database, REGISTER, Socket, TestApp, a_workshop};
use tokio::sync::mpsc;

const SUBSCRIBERS: usize = 1000;
const EVENTS: usize = 100;
/// Registrations before the measurement, which fill caches and open connections.
const WARM_UP: usize = 10;
const SERVER: &str = "ATELIER_BENCH_SERVER";

const SEATS: &str = "subscription ($id: ID!) { workshopSeats(workshopId: $id) { seatsTaken seatsAvailable } }";
const CHANGES: &str = "subscription { changes { cursor kind at } }";

#[tokio::main]
async fn main() {
    if let Ok(system) = std::env::var(SERVER) {
        serve(if system == "SQLite" { Backend::Sqlite } else { Backend::Postgres }).await;
        return;
    }
    println!("{SUBSCRIBERS} subscribers of one workshop, {EVENTS} registrations; times in milliseconds\n");
    println!("                         sent to last      answer to last    answer   memory of the  statements");
    println!("                         p50      p99      p50      p99      p50      server each    an event");
    for system in ["SQLite", "PostgreSQL"] {
        for (name, query) in [("workshopSeats", SEATS), ("changes", CHANGES)] {
            measure(system, name, query).await;
        }
    }
}

/// Runs the server. Prints its address and the inputs of the registrations. Then, for each line of input, waits until the
/// journal has that many followers, and prints the number of statements since the last line.
async fn serve(backend: Backend) {
    let Some(database) = Database::migrated(backend).await else {
        println!("null");
        return;
    };
    let app = TestApp::over_database(database).await;
    // All subscribers are one caller.
    let quotas =
        Limits { connections_per_address: 2 * SUBSCRIBERS, websockets_per_caller: 2 * SUBSCRIBERS, ..app.limits() };
    let app = app.another_with_limits(quotas).await;
    let workshop = app.given(a_workshop().capacity(None)).await;
    let mut inputs = Vec::new();
    for guest in 0..WARM_UP + EVENTS {
        inputs.push(app.input(&workshop, &format!("guest {guest}")).await);
    }
    println!("{}", json!({ "address": app.listen().await.to_string(), "workshop": workshop.id, "inputs": inputs }));
    // This thread can block on the input, because the server runs on others.
    while let (statements, Some(Ok(readers))) = app.statements(async { std::io::stdin().lines().next() }).await {
        while app.store.follower_counts().await.unwrap().journal_followers < readers.parse().unwrap() {
            tokio::task::yield_now().await;
        }
        println!("{statements}");
    }
}

struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(system: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let mut process = command.env(SERVER, system).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, input, output }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn statements(&mut self, readers: usize) -> u64 {
        writeln!(self.input, "{readers}").unwrap();
        self.line().as_u64().unwrap()
    }

    /// The memory of the process, in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn measure(system: &str, name: &str, query: &str) {
    let mut server = Server::start(system);
    let scenario = server.line();
    if scenario.is_null() {
        return println!("{system:<10} is not installed");
    }
    let address = scenario["address"].as_str().unwrap().parse().unwrap();
    let mut front_desk = Socket::acknowledged_at(address).await;
    let before = server.memory();

    let operation = json!({ "query": query, "variables": { "id": scenario["workshop"] } });
    let mut sockets = Vec::with_capacity(SUBSCRIBERS);
    for _ in 0..SUBSCRIBERS {
        let mut socket = Socket::acknowledged_at(address).await;
        socket.subscribe("1", &operation).await;
        if name == "workshopSeats" {
            socket.expect_data("1").await;
        }
        sockets.push(socket);
    }
    let readers = if name == "changes" { SUBSCRIBERS } else { 0 };
    server.statements(readers);
    let memory = server.memory() - before;

    let (received, mut all_received) = mpsc::unbounded_channel();
    let receiving = sockets.into_iter().map(|mut socket| {
        let received = received.clone();
        tokio::spawn(async move {
            for _ in 0..WARM_UP + EVENTS {
                socket.expect_data("1").await;
                // The receiver is gone after a failure.
                let _ = received.send(Instant::now());
            }
        })
    });
    let receiving: Vec<_> = receiving.collect();

    let (mut sent_to_last, mut answer_to_last, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    for (number, input) in scenario["inputs"].as_array().unwrap().iter().enumerate() {
        if number == WARM_UP {
            server.statements(readers);
            (sent_to_last, answer_to_last, answers) = (Vec::new(), Vec::new(), Vec::new());
        }
        let register =
            json!({ "query": REGISTER, "variables": { "workshopId": scenario["workshop"], "input": input } });
        let sent = Instant::now();
        front_desk.subscribe("1", &register).await;
        let answer = async {
            assert_eq!(front_desk.expect_data("1").await["status"], "REGISTERED");
            let answered = Instant::now();
            assert_eq!(front_desk.receive().await["type"], "complete");
            answered
        };
        let last = async {
            let mut last = sent;
            for _ in 0..SUBSCRIBERS {
                last = last.max(all_received.recv().await.unwrap());
            }
            last
        };
        let (answered, last) = tokio::join!(answer, last);
        sent_to_last.push(last - sent);
        answer_to_last.push(last.saturating_duration_since(answered));
        answers.push(answered - sent);
    }
    // The subscribers have received everything and are disconnecting.
    let statements = server.statements(0);
    join_all(receiving).await;
    println!(
        "{system:<10} {name:<13} {:>6.1}   {:>6.1}   {:>6.1}   {:>6.1}   {:>6.1}   {:>6.1} KiB     {:>5.1}",
        percentile(&mut sent_to_last, 50),
        percentile(&mut sent_to_last, 99),
        percentile(&mut answer_to_last, 50),
        percentile(&mut answer_to_last, 99),
        percentile(&mut answers, 50),
        memory as f64 / SUBSCRIBERS as f64,
        statements as f64 / EVENTS as f64,
    );
}

/// The percentile of these times, in milliseconds.
fn percentile(times: &mut [Duration], percent: usize) -> f64 {
    times.sort();
    times[(times.len() * percent).div_ceil(100) - 1].as_secs_f64() * 1000.0
}
