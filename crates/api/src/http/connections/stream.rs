//! A stream that closes when its client accepts data too slowly.
//!
//! No crate replaces this module: `tokio-io-timeout` starts anew after each byte, so a client that accepts one byte now and
//! then would keep a response for ever. It would also have two timers for each connection, instead of one for each blocked
//! write.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep},
};

use super::{connection::Connection, transfer_time};

/// The maximum bytes of one read. hyper doubles the buffer of a connection after each read that fills it, and keeps it as
/// long as the connection.
const READ_BYTES: usize = 8 * 1024;

/// The stream of a connection, with a timeout of writes.
#[derive(Debug)]
pub(super) struct TimeoutStream<S> {
    stream: S,
    connection: Arc<Connection>,
    /// The deadline for all data that the server wants to send now. `None`: no write has been blocked since the last flush.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl<S> TimeoutStream<S> {
    pub(super) fn new(stream: S, connection: Arc<Connection>) -> Self {
        Self { stream, connection, deadline: None }
    }

    /// Returns the result of a write, or `TimedOut` if the client accepts too little.
    fn check_deadline(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let timeouts = self.connection.timeouts;
        match (&written, &mut self.deadline) {
            (Poll::Ready(Ok(bytes)), Some(deadline)) => {
                let later = deadline.deadline() + transfer_time(*bytes, timeouts.min_rate);
                deadline.as_mut().reset(later);
                written
            }
            (Poll::Ready(_), _) => written,
            (Poll::Pending, deadline) => {
                let timer = || Box::pin(tokio::time::sleep_until(Instant::now() + timeouts.write));
                deadline.get_or_insert_with(timer).as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for TimeoutStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let length = buffer.remaining().min(READ_BYTES);
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(length));
        let read = Pin::new(&mut self.stream).poll_read(context, &mut part);
        let bytes = part.filled().len();
        if bytes > 0 {
            buffer.advance(bytes);
            if self.connection.received(bytes).is_err() {
                return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
            }
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for TimeoutStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.check_deadline(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.check_deadline(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called after all data has been written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.deadline = None;
        self.connection.flushed();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
