//! Load by [wrk](https://github.com/wg/wrk): as many requests as come through, out of a set of them.

use std::{fmt::Write, io::Write as _};

use clap::Args;
use serde_json::Value;
use tokio::process::Command;

use crate::process::Server;

/// How hard, and how long.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct Load {
    /// Connections that ask at a time.
    #[arg(long, default_value_t = 16)]
    pub(crate) connections: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u32,
    /// How often each is measured, one after the other.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: u32,
}

/// A request, and where it goes.
#[derive(Clone, Debug)]
pub(crate) enum Request {
    Get(String),
    /// A body, from whoever holds this key.
    Post(String, Value, String),
}

impl Request {
    /// The request as HTTP/1.1 has it, the last one of its connection.
    pub(crate) fn text(&self) -> String {
        self.written("close")
    }

    /// The same, on a connection that stays open.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.written("keep-alive").into_bytes()
    }

    fn written(&self, connection: &str) -> String {
        let head = format!("Host: 127.0.0.1\r\nConnection: {connection}");
        match self {
            Self::Get(path) => format!("GET {path} HTTP/1.1\r\n{head}\r\n\r\n"),
            Self::Post(path, body, key) => {
                let body = body.to_string();
                let said = format!("Content-Type: application/json\r\nAuthorization: apikey {key}");
                format!("POST {path} HTTP/1.1\r\n{head}\r\n{said}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            }
        }
    }

    fn lua(&self) -> String {
        match self {
            Self::Get(path) => format!("wrk.format('GET', [=[{path}]=])"),
            Self::Post(path, body, key) => {
                let headers = format!("{{['Content-Type']='application/json', ['Authorization']='apikey {key}'}}");
                format!("wrk.format('POST', [=[{path}]=], {headers}, [=[{body}]=])")
            }
        }
    }
}

/// What came of a measurement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// Answers a second.
    pub(crate) rate: f64,
    /// Milliseconds within which half of the answers came.
    pub(crate) p50: f64,
    /// Milliseconds within which all but one in a hundred came.
    pub(crate) p99: f64,
    /// Milliseconds of processor time that the server used for each.
    pub(crate) cpu: f64,
}

impl Load {
    /// Sends these requests to a server, one after the other on each connection, again and again.
    pub(crate) async fn on(self, server: &Server, requests: &[Request]) -> Measured {
        let mut script = "local i, requests = 0, {}\ninit = function()\n".to_owned();
        for request in requests {
            let _ = writeln!(script, "requests[#requests + 1] = {}", request.lua());
        }
        script.push_str(
            "end\nrequest = function() i = i % #requests + 1 return requests[i] end\n\
             done = function(s, l) local e = s.errors\n\
             print('measured', s.requests / s.duration * 1e6, l:percentile(50) / 1e3, l:percentile(99) / 1e3, \
             s.requests, e.status + e.connect + e.read + e.write + e.timeout) end\n",
        );
        let mut file = tempfile::NamedTempFile::new().expect("a script");
        file.write_all(script.as_bytes()).expect("a script");
        let before = server.cpu();
        let output = Command::new("wrk")
            .args(["-t", "1", "-c", &self.connections.to_string(), "-d", &format!("{}s", self.seconds), "-s"])
            .arg(file.path())
            .arg(format!("http://{}", server.address))
            .output()
            .await
            .expect("wrk: install the Debian package of that name");
        let used = server.cpu() - before;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = said.lines().find_map(|line| line.strip_prefix("measured")).unwrap_or_else(|| panic!("{said}"));
        let numbers: Vec<f64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
        let [rate, p50, p99, requests, errors] = numbers[..] else { panic!("{said}") };
        assert!(errors == 0.0, "{errors} of {requests} requests failed");
        Measured { rate, p50, p99, cpu: used * 1e3 / requests }
    }
}

/// The middle one by each number of several measurements.
pub(crate) fn median(of: &[Measured]) -> Measured {
    let middle = |number: fn(&Measured) -> f64| {
        let mut numbers: Vec<_> = of.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    };
    Measured {
        rate: middle(|one| one.rate),
        p50: middle(|one| one.p50),
        p99: middle(|one| one.p99),
        cpu: middle(|one| one.cpu),
    }
}
