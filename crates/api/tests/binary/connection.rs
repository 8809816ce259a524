//! A persistent HTTP connection that sends one request after the other.

use std::io;

use serde_json::Value;
use tests::ApiKey;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
};

pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
}

#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        Ok(Self { stream: BufReader::new(TcpStream::connect(address).await?), address: address.to_owned() })
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Response> {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address)).await
    }

    /// Posts a GraphQL request with an API key.
    pub(crate) async fn post(&mut self, key: &ApiKey, body: &Value) -> io::Result<Response> {
        let body = body.to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            self.address,
            key.authorization(),
            body.len()
        );
        self.send(&(head + &body)).await
    }

    async fn send(&mut self, request: &str) -> io::Result<Response> {
        self.stream.write_all(request.as_bytes()).await?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        let status = head[9..12].parse().unwrap();
        Ok(Response { status, head, body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}

impl Response {
    /// Whether the server closes the connection after this response.
    pub(crate) fn closes_connection(&self) -> bool {
        self.head.contains("\r\nconnection: close\r\n")
    }

    /// The code of the first entry of `errors`.
    pub(crate) fn error_code(&self) -> Option<&str> {
        self.body["errors"][0]["extensions"]["code"].as_str()
    }

    /// Whether the code, the status, the header and the extension all say that the client can repeat the request.
    pub(crate) fn is_retryable(&self) -> bool {
        let has_retryable_code = matches!(self.error_code(), Some("OVERLOADED" | "SERVICE_UNAVAILABLE"));
        let extensions = &self.body["errors"][0]["extensions"];
        has_retryable_code
            && self.status == 503
            && self.head.contains("\r\nretry-after: 1\r\n")
            && extensions["retryAfter"].as_u64() == Some(1)
    }

    /// The value of the only root field.
    pub(crate) fn root_field(&self) -> &Value {
        let fields = self.body["data"].as_object().unwrap_or_else(|| panic!("{self:?}"));
        fields.values().next().unwrap()
    }
}
