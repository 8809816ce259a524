use std::{
    net::TcpListener,
    sync::atomic::{AtomicU16, Ordering},
};

/// A free port that the system gives to nobody by itself: it is still free when whoever had it comes back.
pub fn free_port() -> u16 {
    // Linux gives out those from 32768 on. Test runs beside this one begin elsewhere.
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 22_000;
    static TRIED: AtomicU16 = AtomicU16::new(0);
    let mut next = || {
        let number = std::process::id() * 64 + u32::from(TRIED.fetch_add(1, Ordering::Relaxed));
        u16::try_from(FIRST + number % COUNT).unwrap()
    };
    std::iter::repeat_with(&mut next).take(1_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}
