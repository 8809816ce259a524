use std::{
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use tests::ApiKey;

use super::atelier;

/// A server process, killed when it is dropped.
pub(crate) struct Server {
    pub(crate) process: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) address: String,
    /// The header line with the credential of posted requests; empty for an anonymous client.
    authorization: String,
}

impl Server {
    /// Starts a server on a free port, and waits until it prints its address.
    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::start_with_log(arguments, Stdio::null())
    }

    pub(crate) fn start_on(listen: &str, arguments: &[&str]) -> Self {
        Self::spawn(listen, arguments, Stdio::null())
    }

    pub(crate) fn start_with_log(arguments: &[&str], log: impl Into<Stdio>) -> Self {
        Self::spawn("127.0.0.1:0", arguments, log)
    }

    pub(crate) fn spawn(listen: &str, arguments: &[&str], log: impl Into<Stdio>) -> Self {
        Self::from_command(&mut atelier(&[arguments, &["--listen", listen]].concat()), log)
    }

    /// Starts a server by this command, and waits until it prints its address.
    pub(crate) fn from_command(command: &mut Command, log: impl Into<Stdio>) -> Self {
        let mut process = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap_or_else(|| panic!("no address in {line:?}"));
        let address = address.trim_end().trim_end_matches('/').to_owned();
        Self { process, stdout, address, authorization: String::new() }
    }

    /// Sends this key with each posted request.
    pub(crate) fn with_api_key(mut self, key: &ApiKey) -> Self {
        self.authorization = format!("authorization: {}\r\n", key.authorization());
        self
    }

    /// Sends a GET request and returns the response with its head, or an error if the connection fails.
    pub(crate) fn get(&self, path: &str) -> io::Result<String> {
        self.request(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address))
    }

    /// Subscribes, and returns after the first event. The caller reads the rest of the stream.
    pub(crate) fn subscribe(&self, query: &str) -> io::Result<BufReader<TcpStream>> {
        subscribe(&self.address, query)
    }

    /// Posts a GraphQL request.
    pub(crate) fn post(&self, body: &str) -> io::Result<String> {
        self.request(&format!("{}\r\n{body}", self.post_head(body)))
    }

    /// Posts a GraphQL request, and returns when the server has started to handle it. The caller reads the response.
    pub(crate) fn begin_post(&self, body: &str) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(format!("{}expect: 100-continue\r\n\r\n", self.post_head(body)).as_bytes())?;
        let mut interim = [0; 25];
        stream.read_exact(&mut interim)?;
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(body.as_bytes())?;
        Ok(stream)
    }

    fn post_head(&self, body: &str) -> String {
        format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n{}",
            self.address,
            body.len(),
            self.authorization
        )
    }

    pub(crate) fn request(&self, request: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.write_all(request.as_bytes())?;
        let mut response = String::new();
        stream.read_to_string(&mut response)?;
        Ok(response)
    }

    /// The proportional set size of the process, in KiB.
    pub(crate) fn memory_kib(&self) -> u64 {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.process.id())).unwrap();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The largest resident set size that the process ever had, in KiB.
    pub(crate) fn peak_memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// The processor time that the process has used.
    pub(crate) fn processor_time(&self) -> Duration {
        // Linux counts in hundredths of a second for user programs.
        const TICK: Duration = Duration::from_millis(10);
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        // The name of the program ends with the last parenthesis; user and system time are the 12th and 13th field after it.
        let fields = stat.rsplit(')').next().unwrap().split_whitespace().skip(11).take(2);
        TICK * fields.map(|ticks| ticks.parse::<u32>().unwrap()).sum::<u32>()
    }

    /// Waits until the process exits, and returns its exit code.
    pub(crate) fn wait_for_exit(&mut self) -> Option<i32> {
        tokio::task::block_in_place(|| self.process.wait()).unwrap().code()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Subscribes at an address, and returns after the first event. The caller reads the rest of the stream.
pub(crate) fn subscribe(address: &str, query: &str) -> io::Result<BufReader<TcpStream>> {
    let mut stream = BufReader::new(TcpStream::connect(address)?);
    let head = format!("GET /graphql?query={query} HTTP/1.1\r\nhost: {address}\r\naccept: text/event-stream\r\n\r\n");
    stream.get_mut().write_all(head.as_bytes())?;
    let mut line = String::new();
    while !line.starts_with("data:") {
        line.clear();
        assert!(stream.read_line(&mut line)? > 0, "the stream ended before the first event");
    }
    Ok(stream)
}
