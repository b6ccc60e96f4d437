//! The server: takes connections, gives each to the front, and ends without cutting anybody off.
//!
//! An accept loop of our own, because a header timeout needs a timer that `axum::serve` does not install.
//! Invariant: after [`serve`] returns no connection is open, unless the drain time was not enough.

mod connection;
mod patience;
mod tls;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::edge::{Arrival, Edge, Front};
use connection::Connection;
pub use tls::{Tls, TlsError, TlsFiles};

/// After the system refused a connection (no descriptors left): long enough for one to be given back.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_millis(50);

/// Serves `edge` on `listener` until `stop`, then finishes what is in hand.
///
/// At `stop` no connection is taken any more, sockets are told to come back later, and requests in hand have the
/// drain time of the limits to finish.
pub async fn serve(listener: TcpListener, edge: Edge, stop: CancellationToken) {
    Server::new(edge, None).run(listener, stop).await;
}

/// [`serve`], by TLS and nothing else.
pub async fn serve_tls(listener: TcpListener, tls: Tls, edge: Edge, stop: CancellationToken) {
    Server::new(edge, Some(tls)).run(listener, stop).await;
}

struct Server {
    edge: Edge,
    tls: Option<Tls>,
    front: Arc<Front>,
    seats: Arc<Semaphore>,
    connections: TaskTracker,
}

impl Server {
    fn new(edge: Edge, tls: Option<Tls>) -> Self {
        let front = Arc::new(edge.front());
        let seats = Arc::new(Semaphore::new(edge.limits().connections_max));
        Self { edge, tls, front, seats, connections: TaskTracker::new() }
    }

    async fn run(self, listener: TcpListener, stop: CancellationToken) {
        self.accept_until(&listener, &stop).await;
        drop(listener);
        self.drain().await;
    }

    async fn accept_until(&self, listener: &TcpListener, stop: &CancellationToken) {
        loop {
            let next = tokio::select! {
                () = stop.cancelled() => return,
                next = self.next(listener) => next,
            };
            match next {
                Ok((stream, arrival, seat)) => self.begin(stream, arrival, seat),
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
    ) -> io::Result<(TcpStream, Arrival, OwnedSemaphorePermit)> {
        let seat = Arc::clone(&self.seats).acquire_owned().await.map_err(io::Error::other)?;
        let (stream, peer) = listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((stream, Arrival { peer: peer.ip(), is_tls: self.tls.is_some() }, seat))
    }

    fn begin(&self, stream: TcpStream, arrival: Arrival, seat: OwnedSemaphorePermit) {
        let limits = self.edge.limits();
        let connection = Connection {
            front: Arc::clone(&self.front),
            stopping: self.edge.stopping().clone(),
            headers_within: limits.headers_within,
            write_stall: limits.write_stall,
            arrival,
            seat,
        };
        self.connections.spawn(connection.run(stream, self.tls.clone()));
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
