//! The server: takes connections, gives each to the front, and ends without cutting anybody off.
//!
//! An accept loop of our own, because a header timeout needs a timer that `axum::serve` does not install.
//! Invariant: after [`serve`] returns no connection is open, unless the drain time was not enough.

use std::convert::Infallible;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::edge::{Edge, Front, Peer};

/// Bytes of a request's head, and of what is read ahead.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// After the system refused a connection (no descriptors left): long enough for one to be given back.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// Serves `edge` on `listener` until `stop`, then finishes what is in hand.
///
/// At `stop` no connection is taken any more, sockets are told to come back later, and requests in hand have the
/// drain time of the limits to finish.
pub async fn serve(listener: TcpListener, edge: Edge, stop: CancellationToken) {
    let server = Server::new(edge);
    server.accept_until(&listener, &stop).await;
    drop(listener);
    server.drain().await;
}

struct Server {
    edge: Edge,
    front: Arc<Front>,
    seats: Arc<Semaphore>,
    connections: TaskTracker,
}

impl Server {
    fn new(edge: Edge) -> Self {
        let front = Arc::new(edge.front());
        let seats = Arc::new(Semaphore::new(edge.limits().connections_max));
        Self { edge, front, seats, connections: TaskTracker::new() }
    }

    async fn accept_until(&self, listener: &TcpListener, stop: &CancellationToken) {
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return,
                next = self.next(listener) => next,
            };
            match next {
                Ok((stream, peer, seat)) => self.begin(stream, peer, seat),
                Err(error) => {
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(PAUSE_AFTER_REFUSAL).await;
                }
            }
        }
    }

    /// The next connection, once there is a seat for it.
    async fn next(
        &self,
        listener: &TcpListener,
    ) -> io::Result<(TcpStream, Peer, OwnedSemaphorePermit)> {
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, Peer(peer.ip()), seat))
    }

    fn begin(&self, stream: TcpStream, peer: Peer, seat: OwnedSemaphorePermit) {
        let (front, stopping) = (Arc::clone(&self.front), self.edge.stopping().clone());
        let headers_within = self.edge.limits().headers_within;
        self.connections.spawn(connection((stream, peer), front, stopping, headers_within, seat));
    }

    async fn drain(self) {
        self.edge.stopping().cancel();
        self.connections.close();
        self.edge.tracker().close();
        let ended = async {
            self.connections.wait().await;
            self.edge.tracker().wait().await;
        };
        if tokio::time::timeout(self.edge.limits().drain, ended).await.is_err() {
            tracing::warn!("the drain time was not enough: some connections were cut");
        }
    }
}

async fn connection(
    (stream, peer): (TcpStream, Peer),
    front: Arc<Front>,
    stopping: CancellationToken,
    headers_within: Duration,
    seat: OwnedSemaphorePermit,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let front = Arc::clone(&front);
        request.extensions_mut().insert(peer);
        async move { Ok::<_, Infallible>(front.answer(request.map(Body::new)).await) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(headers_within)
        .max_buf_size(HEAD_BYTES_MAX);
    let mut served = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = served.as_mut() => ended,
        () = stopping.cancelled() => {
            // The request in hand is answered, with `Connection: close`.
            served.as_mut().graceful_shutdown();
            served.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(seat);
}
