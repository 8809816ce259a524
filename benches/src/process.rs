//! Server processes, with their processor time and memory.

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

/// A server process, killed when it is dropped.
pub(crate) struct Server {
    process: Child,
    pub(crate) address: SocketAddr,
    peak_kib: Arc<AtomicU64>,
}

/// The path of a program in the same folder as this one.
pub(crate) fn sibling(name: &str) -> PathBuf {
    let path = std::env::current_exe().expect("the path of this program").with_file_name(name);
    assert!(path.exists(), "{name} is not built: run `cargo build --release`");
    path
}

impl Server {
    /// Starts a program with a free address as `--listen`, and waits for its first line.
    pub(crate) async fn start(program: &Path, arguments: &[&str]) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port");
        let mut process = Command::new(program)
            .args(arguments)
            .args(["--listen", &address.to_string()])
            .env("ATELIER_LOG", "warn")
            .stdout(std::process::Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let mut stdout = BufReader::new(process.stdout.take().expect("piped standard output"));
        let read = stdout.read_line(&mut String::new()).await.expect("standard output");
        assert!(read > 0, "{} ended before it listened", program.display());
        let peak_kib = Arc::default();
        tokio::spawn(track_peak(process.id().expect("a running process"), Arc::clone(&peak_kib)));
        Self { process, address, peak_kib }
    }

    /// Sends one request, and returns the response with its head.
    pub(crate) async fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("a connection to the server");
        stream.write_all(request.as_bytes()).await.expect("the request is sent");
        let mut response = String::new();
        stream.read_to_string(&mut response).await.expect("a response");
        response
    }

    /// The processor time of the process so far.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        const TICKS_PER_SECOND: f64 = 100.0;
        let id = self.process.id().expect("a running process");
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("the statistics of a running process");
        // The second field is the name, which can contain spaces. Behind it, user and system time are the 12th and 13th
        // field.
        let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or_default();
        (ticks(11) + ticks(12)) / TICKS_PER_SECOND
    }

    /// The proportional set size.
    pub(crate) fn memory_mib(&self) -> f64 {
        let id = self.process.id().expect("a running process");
        mib(proportional_set_size_kib(id).expect("the memory of a running process"))
    }

    /// The largest proportional set size so far, read four times a second.
    pub(crate) fn peak_memory_mib(&self) -> f64 {
        mib(self.peak_kib.load(Ordering::Relaxed)).max(self.memory_mib())
    }
}

/// Records the peak memory of a process until it ends. Reading it more often would slow the process down.
async fn track_peak(id: u32, peak_kib: Arc<AtomicU64>) {
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    while let Some(kib) = proportional_set_size_kib(id) {
        peak_kib.fetch_max(kib, Ordering::Relaxed);
        tick.tick().await;
    }
}

fn proportional_set_size_kib(id: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "a process has less than 2^52 KiB of memory")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
