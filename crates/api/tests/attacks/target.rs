use std::{net::Ipv4Addr, process::Stdio, sync::Arc};

use tests::{Backend, TestApp};
use tokio::task::{JoinSet, spawn_blocking};

use crate::{
    attacker::Attacker,
    binary::{HealthProbe, Server},
    dataset::Dataset,
    honest_clients::HonestClients,
    refusals::Responses,
    server_log::ServerLog,
    size::{ATTACKERS, Size},
};

/// No request makes the server log a longer line, in bytes.
const MAX_LOG_LINE: usize = 4_096;

/// A server that is attacked, with the default limits.
pub(crate) struct Target {
    backend: Backend,
    server: Server,
    log: ServerLog,
    pub(crate) data: Dataset,
    size: Size,
    /// The credential of the honest visitor.
    visitor: Option<String>,
}

/// The clients of an attack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Attackers {
    /// Anonymous clients, each from its own address.
    Anonymous,
    /// Anonymous clients of one address.
    AtOneAddress,
    /// Clients with an API key each.
    WithKeys,
}

impl Target {
    pub(crate) async fn start(app: &TestApp) -> Self {
        Self::start_with_flags(app, &[]).await
    }

    /// Starts a server with more flags.
    pub(crate) async fn start_with_flags(app: &TestApp, flags: &[&str]) -> Self {
        let data = Dataset::create(app).await;
        let size = Size::from_environment();
        let serve = ["serve", "--database-url", &app.database.url, "--metrics-listen", "off"];
        let mut server = Server::start_with_log(&[&serve, size.flags, flags].concat(), Stdio::piped());
        let log = ServerLog::measure(server.process.stderr.take().unwrap());
        Self { backend: app.backend(), server, log, data, size, visitor: None }
    }

    /// The body of the response to a GET request.
    pub(crate) fn get(&self, path: &str) -> String {
        let response = self.server.get(path).unwrap();
        response.split_once("\r\n\r\n").unwrap().1.to_owned()
    }

    /// Lets the honest visitor send this credential.
    pub(crate) fn with_visitor(self, authorization: String) -> Self {
        Self { visitor: Some(authorization), ..self }
    }

    /// Runs an attack while honest clients use the server, and asserts that they notice nothing. `reasons` are the codes
    /// with which the server may refuse requests of the attack, in addition to limits. Returns how many it served.
    pub(crate) async fn withstand<F: Future<Output = ()> + Send + 'static>(
        mut self,
        attack: &str,
        attackers: Attackers,
        reasons: &[&str],
        client: impl Fn(Attacker) -> F,
    ) -> u64 {
        let responses = Arc::new(Responses::default());
        let honest =
            HonestClients { host: self.server.address.clone(), data: self.data.clone(), visitor: self.visitor.clone() };
        let size = Size::from_environment();
        let load = async {
            let mut clients = JoinSet::new();
            for number in 0..ATTACKERS {
                clients.spawn(client(self.attacker(attackers, number, responses.clone())));
            }
            let experience = spawn_blocking(move || honest.run(&size)).await.unwrap();
            clients.abort_all();
            while let Some(ended) = clients.join_next().await {
                assert!(ended.is_err_and(|error| error.is_cancelled()), "a client of the attack ended early");
            }
            experience
        };
        let (experience, health) = HealthProbe::run_during(&self.server, load);
        let (memory, processor_time) = (self.server.peak_memory_kib(), self.server.processor_time());
        self.server.process.kill().unwrap();
        let log = self.log.size();
        let [p50, p99] = [50, 99].map(|percent| experience.latencies.percentile(percent));
        println!(
            "{attack} on {:?}: {responses}; honest clients: {} requests, {} failed, p50 {p50:.1?}, p99 {p99:.1?}; \
             /health: p99 {:.1?}; server: {} MiB peak memory, {processor_time:.1?} processor time, {} KiB of log",
            self.backend,
            experience.requests,
            experience.failures.len(),
            health.latencies.percentile(99),
            memory / 1024,
            log.bytes / 1024,
        );
        let failures = &experience.failures;
        assert!(failures.is_empty(), "honest clients are locked out: {:?}", &failures[..failures.len().min(5)]);
        assert!(responses.requests() > 0, "the attack did nothing");
        responses.assert_refused_only_for(reasons);
        assert!(memory < self.size.max_memory_kib, "the server used {memory} KiB of memory");
        assert!(log.longest_line < MAX_LOG_LINE, "the log has a line of {} bytes", log.longest_line);
        assert!(p99 < self.size.max_latency, "honest clients wait too long");
        responses.served()
    }

    fn attacker(&self, attackers: Attackers, number: u8, responses: Arc<Responses>) -> Attacker {
        let last = if attackers == Attackers::AtOneAddress { 1 } else { number + 1 };
        let key = (attackers == Attackers::WithKeys).then(|| &self.data.attackers[usize::from(number)]);
        Attacker {
            number,
            host: self.server.address.clone(),
            address: Ipv4Addr::new(127, 0, 1, last),
            authorization: key.map(|key| key.authorization()),
            responses,
        }
    }
}
