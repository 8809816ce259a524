use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

/// A free port outside the range from which the system assigns ports, so it stays free while a server restarts.
pub fn free_port() -> u16 {
    // Linux assigns ports from 32768 on. Concurrent test runs start at other numbers.
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 22_000;
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let mut next = || {
        let number = std::process::id() * 64 + u32::from(TRIED.fetch_add(1, Ordering::Relaxed));
        u16::try_from(FIRST + number % COUNT).unwrap()
    };
    std::iter::repeat_with(&mut next).take(1_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}
