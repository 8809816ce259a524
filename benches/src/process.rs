//! Programs that run beside this one, and what the machine says of them.

use std::{
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

/// A server, ended when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    /// The most memory that was seen in it, in KiB.
    peak: Arc<AtomicU64>,
}

/// A program that was built beside this one.
pub(crate) fn sibling(name: &str) -> PathBuf {
    let path = std::env::current_exe().expect("the path of this program").with_file_name(name);
    assert!(path.exists(), "{name} is not built: run `cargo build --release`");
    path
}

impl Server {
    /// Starts a program that serves on the address it is given, and waits until it says so.
    pub(crate) async fn start(program: &Path, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let mut process = Command::new(program)
            .args(arguments)
            .args(["--listen", &address.to_string()])
            .env("ATELIER_LOG", "warn")
            .stdout(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a server");
        let mut said = BufReader::new(process.stdout.take().expect("its standard output"));
        let read = said.read_line(&mut String::new()).await.expect("a line");
        assert!(read > 0, "{} does not serve", program.display());
        let peak = Arc::default();
        tokio::spawn(watch(process.id().expect("it runs"), Arc::clone(&peak)));
        Self { process, address, peak }
    }

    /// Sends one request, and answers with what comes back, headers and all.
    pub(crate) async fn ask(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    /// Seconds of processor time that it has used.
    pub(crate) fn cpu(&self) -> f64 {
        const TICKS_A_SECOND: f64 = 100.0;
        let fields = self.stat("stat");
        // Behind the name, which may have spaces: user and system time are the 12th and the 13th from there.
        let fields: Vec<_> = fields.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| fields.get(at).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
        (ticks(11) + ticks(12)) / TICKS_A_SECOND
    }

    /// MiB of memory that it holds now: its own, and its share of what others use, too.
    pub(crate) fn memory(&self) -> f64 {
        in_mib(proportional(self.process.id().expect("it runs")).expect("what Linux says of a process"))
    }

    /// The most that it held whenever it was looked at.
    pub(crate) fn peak(&self) -> f64 {
        in_mib(self.peak.load(Ordering::Relaxed)).max(self.memory())
    }

    fn stat(&self, of: &str) -> String {
        let id = self.process.id().expect("it runs");
        std::fs::read_to_string(format!("/proc/{id}/{of}")).expect("what Linux says of a process")
    }
}

/// Looks at the memory of a process until it is gone: not so often that it would slow it down.
async fn watch(id: u32, peak: Arc<AtomicU64>) {
    let mut looks = tokio::time::interval(Duration::from_millis(250));
    while let Some(kib) = proportional(id) {
        peak.fetch_max(kib, Ordering::Relaxed);
        looks.tick().await;
    }
}

/// The proportional set size in KiB.
fn proportional(id: u32) -> Option<u64> {
    let sums = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = sums.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "memory has less than 2^52 KiB")]
fn in_mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
