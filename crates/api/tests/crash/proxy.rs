//! What stands between a server and PostgreSQL, and cuts all that goes through it when it is told to.

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

/// When to cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Cut {
    /// When a commit comes, which goes no further.
    BeforeCommit,
    /// When a commit was answered; the answer goes no further.
    AfterCommit,
    /// When that many bytes have come by, in either direction.
    After(usize),
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    order: Mutex<Option<Cut>>,
    links: Mutex<HashMap<u16, Arc<Link>>>,
}

/// A connection that is passed on.
struct Link {
    server: TcpStream,
    database: TcpStream,
    /// The next answer is that to a commit, and goes no further.
    is_last: AtomicBool,
}

impl Proxy {
    /// One in front of this port, for as long as the test runs.
    pub(crate) fn to(database: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self { port: listener.local_addr().unwrap().port(), state: Arc::default() };
        let state = proxy.state.clone();
        thread::spawn(move || {
            for server in listener.incoming().flatten() {
                // Whoever calls while there is no database is hung up on.
                if let Ok(database) = TcpStream::connect(("127.0.0.1", database)) {
                    Link::open(&state, server, database);
                }
            }
        });
        proxy
    }

    pub(crate) fn order(&self, cut: Cut) {
        *self.state.order.lock().unwrap() = Some(cut);
    }

    /// Whether the order was carried out.
    pub(crate) fn has_cut(&self) -> bool {
        self.state.order.lock().unwrap().is_none()
    }

    /// The ports from which the database is called.
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
        let link = Arc::new(Self { server, database, is_last: AtomicBool::new(false) });
        state.links.lock().unwrap().insert(port, link.clone());
        let (there, back) = (state.clone(), state.clone());
        let answers = link.clone();
        thread::spawn(move || {
            pump(&link.server, &link.database, |bytes| there.lets_request_pass(&link, bytes));
            link.cut();
            there.links.lock().unwrap().remove(&port);
        });
        thread::spawn(move || {
            pump(&answers.database, &answers.server, |bytes| back.lets_answer_pass(&answers, bytes));
            answers.cut();
        });
    }

    fn cut(&self) {
        for stream in [&self.server, &self.database] {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Passes on what comes, until it may not or one side is gone.
fn pump(mut from: &TcpStream, mut to: &TcpStream, passes: impl Fn(&[u8]) -> bool) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut buffer) {
        if !passes(&buffer[..count]) || to.write_all(&buffer[..count]).is_err() {
            return;
        }
    }
}

impl State {
    fn lets_request_pass(&self, link: &Link, bytes: &[u8]) -> bool {
        let is_commit = bytes.windows(7).any(|text| text == b"COMMIT\0");
        let order = *self.order.lock().unwrap();
        match order {
            Some(Cut::BeforeCommit) if is_commit => self.cut(),
            Some(Cut::AfterCommit) if is_commit => {
                link.is_last.store(true, Ordering::SeqCst);
                true
            }
            _ => self.counts(bytes),
        }
    }

    fn lets_answer_pass(&self, link: &Link, bytes: &[u8]) -> bool {
        if link.is_last.load(Ordering::SeqCst) { self.cut() } else { self.counts(bytes) }
    }

    fn counts(&self, bytes: &[u8]) -> bool {
        let mut order = self.order.lock().unwrap();
        let Some(Cut::After(left)) = *order else { return true };
        *order = Some(Cut::After(left.saturating_sub(bytes.len())));
        drop(order);
        left > bytes.len() || self.cut()
    }

    /// Cuts all that goes through; what just came does not pass.
    fn cut(&self) -> bool {
        self.links.lock().unwrap().values().for_each(|link| link.cut());
        *self.order.lock().unwrap() = None;
        false
    }
}
