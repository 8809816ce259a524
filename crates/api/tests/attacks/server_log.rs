use std::{
    io::{BufRead, BufReader},
    process::ChildStderr,
    thread::JoinHandle,
};

/// The log of a server, measured and not kept.
pub(crate) struct ServerLog(JoinHandle<LogSize>);

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LogSize {
    pub(crate) bytes: usize,
    pub(crate) longest_line: usize,
}

impl ServerLog {
    /// Reads the log in a thread of its own until the server ends.
    pub(crate) fn measure(log: ChildStderr) -> Self {
        Self(std::thread::spawn(move || {
            let lines = BufReader::new(log).split(b'\n').map_while(Result::ok);
            let mut size = LogSize::default();
            lines.for_each(|line| {
                size.bytes += line.len() + 1;
                size.longest_line = size.longest_line.max(line.len());
            });
            size
        }))
    }

    /// The size of the log of a server that has ended.
    pub(crate) fn size(self) -> LogSize {
        self.0.join().unwrap()
    }
}
