//! Connections that can be broken on purpose: what a scripted fault does, it does to the socket, so that a client meets the real thing.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// A listener whose connections can be broken.
#[derive(Debug)]
pub(crate) struct Lines(pub(crate) TcpListener);

/// One connection.
#[derive(Debug)]
pub(crate) struct Line {
    socket: TcpStream,
    cutter: Cutter,
    pause: Option<Pin<Box<Sleep>>>,
}

/// Breaks one connection; handlers find it in the extensions of their request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cutter(Arc<Mutex<Order>>);

/// What happens to the bytes that leave.
#[derive(Clone, Copy, Debug, Default)]
enum Order {
    #[default]
    Pass,
    /// Nothing more leaves; the other side sees a reset.
    Reset,
    /// Nothing more leaves; the other side sees the end.
    Close,
    /// The answer's head and half of its body leave, then the next order is carried out.
    HalfOfBody(Next),
    /// So many bytes leave, then the next order is carried out.
    Bytes(usize, Next),
}

#[derive(Clone, Copy, Debug)]
enum Next {
    Close,
    Pause(Duration),
}

impl Cutter {
    /// Breaks the connection instead of the answer that comes next.
    pub(crate) fn reset(&self) {
        *self.order() = Order::Reset;
    }

    /// Ends the connection in the middle of the answer's body.
    pub(crate) fn close_in_body(&self) {
        *self.order() = Order::HalfOfBody(Next::Close);
    }

    /// Holds the second half of the answer's body back.
    pub(crate) fn pause_in_body(&self, wait: Duration) {
        *self.order() = Order::HalfOfBody(Next::Pause(wait));
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connected<IncomingStream<'_, Lines>> for Cutter {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().cutter.clone()
    }
}

impl Listener for Lines {
    type Io = Line;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Line, SocketAddr) {
        let (socket, address) = Listener::accept(&mut self.0).await;
        // Replies are small and complete: waiting to fill a packet only adds delay. A socket that refuses is only slower.
        drop(socket.set_nodelay(true));
        (Line { socket, cutter: Cutter::default(), pause: None }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl AsyncRead for Line {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_read(context, buffer)
    }
}

impl AsyncWrite for Line {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let line = self.get_mut();
        loop {
            if let Some(pause) = &mut line.pause {
                ready!(pause.as_mut().poll(context));
                line.pause = None;
            }
            let order = *line.cutter.order();
            let (allowed, next) = match order {
                Order::Pass => return Pin::new(&mut line.socket).poll_write(context, bytes),
                Order::Reset => {
                    // Closing without lingering is what makes the system send a reset.
                    line.socket.set_zero_linger()?;
                    return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
                }
                Order::Close => return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
                Order::HalfOfBody(next) => (half_of_body(bytes), next),
                Order::Bytes(allowed, next) => (allowed, next),
            };
            if allowed == 0 {
                *line.cutter.order() = match next {
                    Next::Close => Order::Close,
                    Next::Pause(wait) => {
                        line.pause = Some(Box::pin(sleep(wait)));
                        Order::Pass
                    }
                };
                continue;
            }
            let written = ready!(Pin::new(&mut line.socket).poll_write(context, &bytes[..allowed.min(bytes.len())]))?;
            *line.cutter.order() = Order::Bytes(allowed - written, next);
            return Poll::Ready(Ok(written));
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().socket).poll_shutdown(context)
    }
}

/// Head and half of the body of an answer. Without vectored writes, which [`Line`] does not offer, both come in one piece.
fn half_of_body(answer: &[u8]) -> usize {
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").map_or(0, |at| at + 4);
    head + (answer.len() - head) / 2
}
