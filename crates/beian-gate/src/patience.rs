//! For how long a connection may keep the gate waiting.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Interval;

/// For how long a connection may keep the gate waiting before it is closed.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the connection, or the first byte of a later request, to the answer.
    pub request: Duration,
    /// From an answer to the next request.
    pub rest: Duration,
}

impl Default for Patience {
    /// A request is one small packet. A connection may rest for longer than nginx keeps one (a minute), so that it is nginx
    /// that closes it: no request is sent into a connection that is closing. Whoever keeps them for longer is told so in
    /// docs/audit.md.
    fn default() -> Self {
        Self { request: Duration::from_secs(10), rest: Duration::from_secs(90) }
    }
}

/// A listener whose connections are closed when they keep the gate waiting. `axum::serve` has no such limit.
#[derive(Debug)]
pub struct PatientListener<L> {
    listener: L,
    patience: Patience,
}

impl<L> PatientListener<L> {
    /// Of any listener.
    pub fn new(listener: L, patience: Patience) -> Self {
        Self { listener, patience }
    }
}

impl<L: Listener> Listener for PatientListener<L> {
    type Io = PatientStream<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = self.listener.accept().await;
        (PatientStream::new(stream, self.patience), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// A connection of a [`PatientListener`].
#[derive(Debug)]
pub struct PatientStream<S> {
    stream: S,
    patience: Patience,
    phase: Phase,
    /// Ticks when the patience with this phase is at an end.
    end: Interval,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// A request is on its way.
    Asking,
    /// The last one is answered.
    Resting,
}

impl<S> PatientStream<S> {
    fn new(stream: S, patience: Patience) -> Self {
        let mut end = tokio::time::interval(patience.request);
        // Its first tick would be at once.
        end.reset();
        Self { stream, patience, phase: Phase::Asking, end }
    }

    /// What waiting on comes to: more of it, or the end of the connection.
    fn wait<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(self.end.poll_tick(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Bytes of an answer went out.
    fn rest(&mut self) {
        self.phase = Phase::Resting;
        self.end.reset_after(self.patience.rest);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for PatientStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Poll::Ready(read) = Pin::new(&mut self.stream).poll_read(context, buffer) else {
            return self.wait(context);
        };
        if self.phase == Phase::Resting && buffer.filled().len() > before {
            self.phase = Phase::Asking;
            let request = self.patience.request;
            self.end.reset_after(request);
        }
        Poll::Ready(read)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PatientStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = Pin::new(&mut self.stream).poll_write(context, bytes) else {
            return self.wait(context);
        };
        self.rest();
        Poll::Ready(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Poll::Ready(written) = Pin::new(&mut self.stream).poll_write_vectored(context, slices) else {
            return self.wait(context);
        };
        self.rest();
        Poll::Ready(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
