//! Closed-loop load by [wrk](https://github.com/wg/wrk): each connection sends its next request after the response.

use std::{fmt::Write, io::Write as _};

use clap::Args;
use tokio::process::Command;

use crate::{measurement::Measurement, process::Server, request::Request};

#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct LoadArguments {
    /// Connections of the reads.
    #[arg(long, default_value_t = 16)]
    pub(crate) connections: u32,
    /// Seconds of each measurement.
    #[arg(long, default_value_t = 10)]
    pub(crate) seconds: u32,
    /// Rounds of each benchmark. The report has the medians.
    #[arg(long, default_value_t = 3)]
    pub(crate) rounds: u32,
}

/// Sends the requests to a server, one after the other on each connection, repeatedly.
pub(crate) async fn run(load: LoadArguments, server: &Server, requests: &[Request]) -> Measurement {
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
    let mut file = tempfile::NamedTempFile::new().expect("a file for the script of wrk");
    file.write_all(script.as_bytes()).expect("the script of wrk is written");
    let cpu_before = server.cpu_seconds();
    let output = Command::new("wrk")
        .args(["-t", "1", "-c", &load.connections.to_string(), "-d", &format!("{}s", load.seconds), "-s"])
        .arg(file.path())
        .arg(format!("http://{}", server.address))
        .output()
        .await
        .expect("wrk cannot be run: install the Debian package `wrk`");
    let cpu = server.cpu_seconds() - cpu_before;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = stdout.lines().find_map(|line| line.strip_prefix("measured")).unwrap_or_else(|| panic!("{stdout}"));
    let numbers: Vec<f64> = line.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [rate, p50_ms, p99_ms, requests, errors] = numbers[..] else { panic!("{stdout}") };
    assert!(errors == 0.0, "{errors} of {requests} requests failed");
    Measurement { rate, p50_ms, p99_ms, cpu_ms: cpu * 1e3 / requests }
}
