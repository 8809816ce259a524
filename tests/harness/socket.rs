use std::{net::SocketAddr, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

use crate::TestApp;

/// A client on a WebSocket.
#[derive(Debug)]
pub struct Socket(pub WebSocketStream<TcpStream>);

const SUBPROTOCOL: &[(&str, &str)] = &[("sec-websocket-protocol", "graphql-transport-ws")];

/// Waits for what must come; a minute is longer than anything here takes.
pub async fn in_time<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_mins(1), work).await.expect("it happens in the end")
}

/// A connection whose end takes few bytes that are not read.
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

    /// Opens one as a browser does for a page of this origin.
    pub async fn open_from_origin(app: &TestApp, origin: &str) -> Result<Self, Error> {
        let stream = TcpStream::connect(app.listen().await).await?;
        Self::over(stream, &[("sec-websocket-protocol", "graphql-transport-ws"), ("origin", origin)]).await
    }

    pub async fn acknowledged(app: &TestApp) -> Self {
        Self::acknowledged_at(app.listen().await).await
    }

    pub async fn acknowledged_at(address: SocketAddr) -> Self {
        Self::open_at(address).await.init().await
    }

    /// A client on such a connection.
    pub async fn with_small_buffer(app: &TestApp) -> Self {
        Self::over(connect_with_small_buffer(app).await, SUBPROTOCOL).await.unwrap().init().await
    }

    async fn over(stream: TcpStream, headers: &[(&'static str, &str)]) -> Result<Self, Error> {
        let mut request = format!("ws://{}/graphql/ws", stream.peer_addr()?).into_client_request()?;
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        Ok(Self(client_async(request, stream).await?.0))
    }

    /// A client that says who it is when it asks for the connection to be acknowledged.
    pub async fn open_with_init(app: &TestApp, payload: &Value) -> Self {
        let mut socket = Self::open(app).await;
        socket.send_json(&json!({ "type": "connection_init", "payload": payload })).await;
        socket
    }

    async fn init(self) -> Self {
        self.init_with(&json!({})).await
    }

    /// The same, by somebody who says who it is.
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

    pub async fn subscribe(&mut self, id: &str, payload: &Value) {
        self.send_json(&json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    pub async fn receive(&mut self) -> Value {
        self.receive_or_close_code().await.unwrap_or_else(|code| panic!("closed with {code}"))
    }

    /// The same, or the number with which the server closes instead.
    pub async fn receive_or_close_code(&mut self) -> Result<Value, u16> {
        loop {
            match in_time(self.0.next()).await {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(Some(frame)))) => return Err(CloseCode::into(frame.code)),
                // Answered below.
                Some(Ok(Message::Ping(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// What the only root field of the next answer says, which is to this operation.
    pub async fn expect_data(&mut self, id: &str) -> Value {
        let next = self.receive().await;
        assert_eq!((&next["type"], &next["id"]), (&json!("next"), &json!(id)), "{next:#}");
        assert!(next["payload"].get("errors").is_none(), "{next:#}");
        next["payload"]["data"].as_object().unwrap().values().next().unwrap().clone()
    }

    /// Makes sure that it is open: the next that it says is the answer to a ping.
    pub async fn assert_open(mut self) -> Self {
        self.send_json(&json!({ "type": "ping" })).await;
        assert_eq!(self.receive().await, json!({ "type": "pong" }));
        self
    }

    /// The number with which the server closes, which is the next that it says.
    pub async fn close_code(mut self) -> u16 {
        self.receive_or_close_code().await.expect_err("a close")
    }
}
