//! A connection that is kept, on which one request follows the other.

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

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        Ok(Self { stream: BufReader::new(TcpStream::connect(address).await?), address: address.to_owned() })
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Reply> {
        self.ask(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address)).await
    }

    /// Posts a GraphQL request of whoever holds this key.
    pub(crate) async fn post(&mut self, key: &ApiKey, body: &Value) -> io::Result<Reply> {
        let body = body.to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: {}\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            self.address,
            key.authorization(),
            body.len()
        );
        self.ask(&(head + &body)).await
    }

    async fn ask(&mut self, request: &str) -> io::Result<Reply> {
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
        Ok(Reply { status, head, body: serde_json::from_slice(&body).unwrap_or_default() })
    }
}

impl Reply {
    /// Whether the connection ends with it.
    pub(crate) fn is_last(&self) -> bool {
        self.head.contains("\r\nconnection: close\r\n")
    }

    /// The code of the first entry of `errors`.
    pub(crate) fn error_code(&self) -> Option<&str> {
        self.body["errors"][0]["extensions"]["code"].as_str()
    }

    /// Whether it says in every way in which it can that the same may be asked again.
    pub(crate) fn is_retryable(&self) -> bool {
        let is_known = matches!(self.error_code(), Some("OVERLOADED" | "SERVICE_UNAVAILABLE"));
        let extensions = &self.body["errors"][0]["extensions"];
        is_known
            && self.status == 503
            && self.head.contains("\r\nretry-after: 1\r\n")
            && extensions["retryAfter"].as_u64() == Some(1)
    }

    /// What the only root field answered.
    pub(crate) fn field(&self) -> &Value {
        let fields = self.body["data"].as_object().unwrap_or_else(|| panic!("{self:?}"));
        fields.values().next().unwrap()
    }
}
