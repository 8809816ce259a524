//! The nginx of a test, which runs the site of `ops/nginx/atelier.conf` on free ports and without TLS.

use std::{
    env, fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
};

use tempfile::TempDir;
use tests::{available, free_port};

use crate::binary::{Connection, wait_until};

/// An nginx process, which stops when it is dropped.
pub(crate) struct Nginx {
    process: Child,
    pub(crate) address: String,
    folder: TempDir,
}

impl Nginx {
    /// Starts nginx in front of two servers, and waits until it accepts connections. `None` if nginx is not installed.
    pub(crate) async fn start(servers: &[String; 2]) -> Option<Self> {
        let program = available(installed())?;
        let address = format!("127.0.0.1:{}", free_port());
        let folder = tempfile::tempdir().unwrap();
        let mut site = include_str!("../../../../ops/nginx/atelier.conf").to_owned();
        for (documented, in_test) in [
            ("server 127.0.0.1:8000 ", format!("server {} ", servers[0])),
            ("server 127.0.0.1:8001 ", format!("server {} ", servers[1])),
            ("listen 80;", format!("listen 127.0.0.1:{};", free_port())),
            ("listen [::]:80;", String::new()),
            ("listen 443 ssl http2;", format!("listen {address};")),
            ("listen [::]:443 ssl http2;", String::new()),
            ("ssl_certificate /etc/ssl/atelier/fullchain.pem;", String::new()),
            ("ssl_certificate_key /etc/ssl/atelier/privkey.pem;", String::new()),
        ] {
            assert_eq!(site.matches(documented).count(), 1, "{documented}");
            site = site.replace(documented, &in_test);
        }
        fs::write(folder.path().join("site.conf"), site).unwrap();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let temporary: String = temporary.map(|name| format!("{name}_temp_path {name}; ")).concat();
        let root = "daemon off; pid nginx.pid; error_log error.log error; events {} ";
        let main = format!("{root} http {{ access_log off; {temporary} include site.conf; }}");
        fs::write(folder.path().join("nginx.conf"), main).unwrap();
        let mut command = Command::new(program);
        command.arg("-p").arg(folder.path()).args(["-e", "stderr", "-c", "nginx.conf"]);
        if is_root() {
            command.args(["-g", "user root;"]);
        }
        let process = command.stdin(Stdio::null()).spawn().unwrap();
        let nginx = Self { process, address, folder };
        wait_until(async || Connection::open(&nginx.address).await.is_ok()).await;
        Some(nginx)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // The master process stops its workers; they would survive its death.
        let id = self.process.id().to_string();
        let _ = Command::new("kill").args(["-s", "TERM", &id]).status();
        let _ = self.process.wait();
        if thread::panicking() {
            // The errors of nginx say why a request failed. Refused connections are part of a restart.
            let log = fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default();
            for line in log.lines().filter(|line| !line.contains("Connection refused")) {
                println!("nginx: {line}");
            }
        }
    }
}

/// The path of nginx.
fn installed() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("nginx")).find(|program| program.exists())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}
