use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::mpsc::{self, RecvTimeoutError},
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::block_in_place};

use super::{Latencies, Server};

const PROBE_INTERVAL: Duration = Duration::from_millis(50);
/// Memory at which the probe kills the server, because the machine would stop next.
const FATAL_MEMORY_KIB: u64 = 2 * 1024 * 1024;

/// The latencies of `/health` and the memory of a server during a load.
pub(crate) struct HealthProbe {
    pub(crate) latencies: Latencies,
    pub(crate) peak_memory_kib: u64,
}

impl HealthProbe {
    /// Probes a server while a load runs, and returns the result of the load, too. The probe has its own thread, so the
    /// load does not delay it.
    pub(crate) fn run_during<T>(server: &Server, load: impl Future<Output = T>) -> (T, Self) {
        let (stop, stopped) = mpsc::channel::<()>();
        let (result, (latencies, peak_memory_kib)) = std::thread::scope(|scope| {
            let probe = scope.spawn(move || {
                let (mut latencies, mut peak_memory_kib) = (Vec::new(), 0);
                let mut connection = TcpStream::connect(&server.address).unwrap();
                while stopped.recv_timeout(PROBE_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    let begun = Instant::now();
                    get_health(&mut connection, &server.address);
                    latencies.push(begun.elapsed());
                    peak_memory_kib = server.memory_kib().max(peak_memory_kib);
                    if peak_memory_kib > FATAL_MEMORY_KIB {
                        server.signal("KILL");
                        panic!("the server uses {peak_memory_kib} KiB of memory");
                    }
                }
                (latencies, peak_memory_kib)
            });
            let result = block_in_place(|| Handle::current().block_on(load));
            drop(stop);
            (result, probe.join().unwrap())
        });
        (result, Self { latencies: latencies.into_iter().collect(), peak_memory_kib })
    }
}

fn get_health(connection: &mut TcpStream, address: &str) {
    connection.write_all(format!("GET /health HTTP/1.1\r\nhost: {address}\r\n\r\n").as_bytes()).unwrap();
    let mut response = Vec::new();
    while !response.ends_with(br#"{"status":"ok"}"#) {
        let mut bytes = [0; 1024];
        let count = connection.read(&mut bytes).unwrap();
        assert!(count > 0, "the server closed the connection before the response of /health ended");
        response.extend(&bytes[..count]);
    }
}
