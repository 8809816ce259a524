//! A persistent HTTP connection that sends one request after the other.

use std::{io, net::Ipv4Addr};

use serde_json::Value;
use tests::ApiKey;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpSocket, TcpStream},
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

/// A response whose body is not read as JSON.
#[derive(Debug)]
pub(crate) struct RawResponse {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl RawResponse {
    pub(crate) fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }
}

/// The text of a request that posts a JSON body to `/graphql`.
pub(crate) fn post_request(host: &str, authorization: Option<&str>, body: &str) -> String {
    let authorization = authorization.map(|value| format!("authorization: {value}\r\n")).unwrap_or_default();
    let length = body.len();
    format!(
        "POST /graphql HTTP/1.1\r\nhost: {host}\r\n{authorization}content-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// Connects to a server from this address.
pub(crate) async fn connect_from(address: Ipv4Addr, host: &str) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((address, 0).into())?;
    socket.connect(host.parse().unwrap()).await
}

impl Connection {
    pub(crate) async fn open(address: &str) -> io::Result<Self> {
        Ok(Self::over(TcpStream::connect(address).await?, address))
    }

    /// A connection over an open stream.
    pub(crate) fn over(stream: TcpStream, address: &str) -> Self {
        Self { stream: BufReader::new(stream), address: address.to_owned() }
    }

    pub(crate) async fn get(&mut self, path: &str) -> io::Result<Response> {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.address)).await
    }

    /// Posts a GraphQL request with an API key.
    pub(crate) async fn post(&mut self, key: &ApiKey, body: &Value) -> io::Result<Response> {
        self.post_as(Some(&key.authorization()), body).await
    }

    /// Posts a GraphQL request with this credential.
    pub(crate) async fn post_as(&mut self, authorization: Option<&str>, body: &Value) -> io::Result<Response> {
        self.send(&post_request(&self.address, authorization, &body.to_string())).await
    }

    async fn send(&mut self, request: &str) -> io::Result<Response> {
        let response = self.exchange(request.as_bytes()).await?;
        let body = serde_json::from_slice(&response.body).unwrap_or_default();
        Ok(Response { status: response.status(), head: response.head, body })
    }

    /// Sends the bytes of a request, and reads a response with a `content-length`.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<RawResponse> {
        self.stream.write_all(request).await?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        // The names of headers have no case, and nginx writes them with capitals.
        head.make_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(RawResponse { head, body })
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
