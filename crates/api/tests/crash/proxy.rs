//! A proxy between a server and PostgreSQL that closes all connections at a chosen moment.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

/// The moment at which the proxy closes all connections.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    /// The server sends a commit; the proxy does not forward it.
    BeforeCommit,
    /// The database answers a commit; the proxy does not forward the response.
    AfterCommit,
    /// The proxy has forwarded this many bytes, in both directions together.
    AfterBytes(usize),
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    scheduled_cut: Mutex<Option<Cut>>,
    links: Mutex<HashMap<u16, Arc<Link>>>,
}

/// A forwarded connection.
struct Link {
    server: TcpStream,
    database: TcpStream,
    /// The next response is that of a commit, and is not forwarded.
    awaits_commit_response: AtomicBool,
}

impl Proxy {
    /// Starts a proxy in front of a port; it runs until the test process ends.
    pub(crate) fn start(database: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = proxy.state.clone();
        thread::spawn(move || {
            for server in listener.incoming().flatten() {
                // While the database is down, the proxy closes new connections.
                if let Ok(database) = TcpStream::connect(("127.0.0.1", database)) {
                    Link::open(&state, server, database);
                }
            }
        });
        proxy
    }

    pub(crate) fn schedule(&self, cut: Cut) {
        *self.state.scheduled_cut.lock().unwrap() = Some(cut);
    }

    /// Whether the scheduled cut has happened.
    pub(crate) fn has_cut(&self) -> bool {
        self.state.scheduled_cut.lock().unwrap().is_none()
    }

    /// The local ports of the connections to the database.
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.state.links.lock().unwrap().keys().copied().collect()
    }
}

impl Link {
    fn open(state: &Arc<State>, server: TcpStream, database: TcpStream) {
        for stream in [&server, &database] {
            stream.set_nodelay(true).unwrap();
        }
        let port = database.local_addr().unwrap().port();
        let link = Arc::new(Self { server, database, awaits_commit_response: AtomicBool::new(false) });
        state.links.lock().unwrap().insert(port, link.clone());
        let (request_state, response_state) = (state.clone(), state.clone());
        let response_link = link.clone();
        thread::spawn(move || {
            forward(&link.server, &link.database, |bytes| request_state.allows_request(&link, bytes));
            link.close();
            request_state.links.lock().unwrap().remove(&port);
        });
        thread::spawn(move || {
            forward(&response_link.database, &response_link.server, |bytes| {
                response_state.allows_response(&response_link, bytes)
            });
            response_link.close();
        });
    }

    fn close(&self) {
        for stream in [&self.server, &self.database] {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Forwards bytes until they are not allowed, or one side closes.
fn forward(mut from: &TcpStream, mut to: &TcpStream, allows: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !allows(&buffer[..count]) || to.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}

impl State {
    fn allows_request(&self, link: &Link, bytes: &[u8]) -> bool {
        let is_commit = bytes.windows(7).any(|text| text == b"COMMIT\0");
        let scheduled = *self.scheduled_cut.lock().unwrap();
        match scheduled {
            Some(Cut::BeforeCommit) if is_commit => self.cut_all(),
            Some(Cut::AfterCommit) if is_commit => {
                link.awaits_commit_response.store(true, Ordering::SeqCst);
                true
            }
            _ => self.allows_bytes(bytes),
        }
    }

    fn allows_response(&self, link: &Link, bytes: &[u8]) -> bool {
        if link.awaits_commit_response.load(Ordering::SeqCst) { self.cut_all() } else { self.allows_bytes(bytes) }
    }

    /// Counts bytes toward a scheduled `Cut::AfterBytes`.
    fn allows_bytes(&self, bytes: &[u8]) -> bool {
        let mut scheduled = self.scheduled_cut.lock().unwrap();
        let Some(Cut::AfterBytes(left)) = *scheduled else { return true };
        *scheduled = Some(Cut::AfterBytes(left.saturating_sub(bytes.len())));
        drop(scheduled);
        left > bytes.len() || self.cut_all()
    }

    /// Closes all connections. Returns false: the current bytes are not forwarded.
    fn cut_all(&self) -> bool {
        self.links.lock().unwrap().values().for_each(|link| link.close());
        *self.scheduled_cut.lock().unwrap() = None;
        false
    }
}
