use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

use crate::TestApp;

/// A WebSocket client.
#[derive(Debug)]
pub struct Socket(pub WebSocketStream<TcpStream>);

const SUBPROTOCOL: &[(&str, &str)] = &[("sec-websocket-protocol", "graphql-transport-ws")];

/// Waits for an event with a limit of one minute, which is longer than any test takes.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("the event happens within a minute")
}

/// Opens a connection with a small receive buffer.
pub async fn connect_with_small_buffer(app: &TestApp) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(app.listen().await).await.unwrap()
}

impl Socket {
    pub async fn open(app: &TestApp) -> Self {
        Self::open_with_protocol(app, "graphql-transport-ws").await.unwrap()
    }

    pub async fn open_at(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap(), SUBPROTOCOL).await.unwrap()
    }

    pub async fn open_with_protocol(app: &TestApp, protocol: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(app.listen().await).await?;
        Self::over(stream, &[("sec-websocket-protocol", protocol)]).await
    }

    /// Opens a WebSocket as a browser does for a page of this origin.
    pub async fn open_from_origin(app: &TestApp, origin: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(app.listen().await).await?;
        Self::over(stream, &[("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin)]).await
    }

    /// Opens a WebSocket over this connection and waits for the acknowledgment; `None` if the server refuses it.
    pub async fn try_open(stream: TcpStream, authorization: Option<&str>) -> Option<Self> {
        let mut socket = Self::over(stream, SUBPROTOCOL).await.ok()?;
        let payload = authorization.map_or_else(|| json!({}), |credential| json!({ "authorization": credential }));
        socket.try_send(&json!({ "type": "connection_init", "payload": payload })).await?;
        let message = socket.try_receive().await?;
        (message == json!({ "type": "connection_ack" })).then_some(socket)
    }

    pub async fn acknowledged(app: &TestApp) -> Self {
        Self::acknowledged_at(app.listen().await).await
    }

    pub async fn acknowledged_at(address: SocketAddr) -> Self {
        Self::open_at(address).await.init().await
    }

    /// Opens a WebSocket with a small receive buffer.
    pub async fn with_small_buffer(app: &TestApp) -> Self {
        Self::over(connect_with_small_buffer(app).await, SUBPROTOCOL).await.unwrap().init().await
    }

    /// Opens a WebSocket on a connection.
    pub async fn open_on(stream: TcpStream) -> Result<Self, Error> {
        Self::over(stream, SUBPROTOCOL).await
    }

    async fn over(stream: TcpStream, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}/graphql/ws", stream.peer_addr()?).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(Self(client_async(request, stream).await?.0))
    }

    /// Opens a WebSocket and sends `connection_init` with this payload.
    pub async fn open_with_init(app: &TestApp, payload: &Value) -> Self {
        let mut socket = Self::open(app).await;
        socket.send_json(&json!({ "type": "connection_init", "payload": payload })).await;
        socket
    }

    async fn init(self) -> Self {
        self.init_with(&json!({})).await
    }

    /// Sends `connection_init` with this payload and waits for the acknowledgment.
    pub async fn init_with(mut self, payload: &Value) -> Self {
        self.send_json(&json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(self.receive().await, json!({ "type": "connection_ack" }));
        self
    }

    pub async fn send_json(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    pub async fn send(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
    }

    /// Sends a message; `None` if the connection has ended.
    pub async fn try_send(&mut self, message: &Value) -> Option<()> {
        self.0.send(Message::text(message.to_string())).await.ok()
    }

    /// The next message; `None` if the connection has ended.
    pub async fn try_receive(&mut self) -> Option<Value> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                // The library answers pings.
                Ok(Message::Ping(_)) => {}
                _ => return None,
            }
        }
    }

    pub async fn subscribe(&mut self, id: &str, payload: &Value) {
        self.send_json(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    pub async fn receive(&mut self) -> Value {
        self.receive_or_close_code().await.unwrap_or_else(|code| panic!("closed with {code}"))
    }

    /// The next message, or the code with which the server closes the connection.
    pub async fn receive_or_close_code(&mut self) -> Result<Value, u16> {
        loop {
            match in_time(self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(CloseCode::into(frame.code)),
                // The library answers pings.
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The only root field of the next message, which is a response without errors to this operation.
    pub async fn expect_data(&mut self, id: &str) -> Value {
        let next = self.receive().await;
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!(id)), "{next:#}");
        assert!(next["payload"].get("errors").is_none(), "{next:#}");
        next["payload"]["data"].as_object().unwrap().values().next().unwrap().clone()
    }

    /// Asserts that the connection is open: the next message is the answer to a ping.
    pub async fn assert_open(mut self) -> Self {
        self.send_json(&json!({ "type": "ping" })).await;
        assert_eq!(self.receive().await, json!({ "type": "pong" }));
        self
    }

    /// The code with which the server closes the connection, before any other message.
    pub async fn close_code(mut self) -> u16 {
        self.receive_or_close_code().await.expect_err("a close")
    }
}
