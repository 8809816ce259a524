use serde_json::Value;

#[derive(Clone, Debug)]
pub(crate) enum Request {
    Get { path: String },
    Post { path: String, body: Value, api_key: String },
}

impl Request {
    /// The HTTP/1.1 text of a request that closes its connection.
    pub(crate) fn closing_text(&self) -> String {
        self.text("close")
    }

    /// The HTTP/1.1 bytes of a request on a persistent connection.
    pub(crate) fn persistent_bytes(&self) -> Vec<u8> {
        self.text("keep-alive").into_bytes()
    }

    fn text(&self, connection: &str) -> String {
        let head = format!("Host: 127.0.0.1\r\nConnection: {connection}");
        match self {
            Self::Get { path } => format!("GET {path} HTTP/1.1\r\n{head}\r\n\r\n"),
            Self::Post { path, body, api_key } => {
                let body = body.to_string();
                let headers = format!("Content-Type: application/json\r\nAuthorization: apikey {api_key}");
                format!("POST {path} HTTP/1.1\r\n{head}\r\n{headers}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
            }
        }
    }

    /// The call of wrk's Lua interface that builds this request.
    pub(crate) fn lua(&self) -> String {
        match self {
            Self::Get { path } => format!("wrk.format('GET', [=[{path}]=])"),
            Self::Post { path, body, api_key } => {
                let headers = format!("{{['Content-Type']='application/json', ['Authorization']='apikey {api_key}'}}");
                format!("wrk.format('POST', [=[{path}]=], {headers}, [=[{body}]=])")
            }
        }
    }
}
