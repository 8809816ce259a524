use std::{
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::free_port;

/// How long a client of a pooler keeps its session of PostgreSQL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PoolMode {
    Session,
    Transaction,
}

/// `PgBouncer` in front of a cluster. It ends with the test.
#[derive(Debug)]
pub struct Pooler {
    port: u16,
    process: Child,
    _folder: TempDir,
}

/// The path of Debian's package.
const PROGRAM: &str = "/usr/sbin/pgbouncer";

impl Pooler {
    /// Starts a pooler in front of the PostgreSQL on this port; `None` if `PgBouncer` is not installed.
    pub fn start(cluster_port: u16, mode: PoolMode) -> Option<Self> {
        if !Path::new(PROGRAM).exists() {
            return None;
        }
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let mode = match mode {
            PoolMode::Session => "session",
            PoolMode::Transaction => "transaction",
        };
        let settings = format!(
            "[databases]\n* = host=127.0.0.1 port={cluster_port} user=atelier\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\ndefault_pool_size = 50\n"
        );
        let file = folder.path().join("pgbouncer.ini");
        std::fs::write(&file, settings).unwrap();
        // The shell ends the pooler when its standard input ends, even if this process is killed.
        let script = "chmod a+rx \"${1%/*}\"; chmod a+r \"$1\"; [ \"$(id -u)\" != 0 ] || set -- -u postgres \"$1\"; \
                      \"$0\" -q \"$@\" & read _; kill $!";
        let mut shell = Command::new("sh");
        shell.args(["-c", script, PROGRAM]).arg(&file);
        let process = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Some(Self { port, process, _folder: folder })
    }

    /// The same URL through the pooler.
    pub fn url(&self, url: &str, cluster_port: u16) -> String {
        url.replace(&format!(":{cluster_port}/"), &format!(":{}/", self.port))
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}
