//! One connection: its handshake, its requests, its end.
//!
//! Plain and TLS differ in the handshake alone. Invariant: a connection gives its seat back however it ends.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::patience::Patient;
use super::tls::Tls;
use crate::edge::{Arrival, Front};

/// Bytes of a request's head, and of what is read ahead.
const HEAD_BYTES_MAX: usize = 64 * 1024;

/// What a connection needs of the server.
pub(super) struct Connection {
    pub(super) front: Arc<Front>,
    pub(super) stopping: CancellationToken,
    pub(super) headers_within: Duration,
    pub(super) write_stall: Duration,
    pub(super) arrival: Arrival,
    pub(super) seat: OwnedSemaphorePermit,
}

impl Connection {
    pub(super) async fn run(self, stream: TcpStream, tls: Option<Tls>) {
        let Some(tls) = tls else { return self.serve(stream).await };
        // Boxed, so that a plain connection does not carry the room for a handshake.
        match Box::pin(timeout(self.headers_within, tls.acceptor().accept(stream))).await {
            Ok(Ok(stream)) => Box::pin(self.serve(stream)).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        let Self { front, stopping, headers_within, write_stall, arrival, seat } = self;
        let service = service_fn(move |request: Request<Incoming>| {
            let front = Arc::clone(&front);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(arrival);
            async move { Ok::<_, Infallible>(front.answer(request).await) }
        });
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(headers_within)
            .max_buf_size(HEAD_BYTES_MAX);
        let stream = TokioIo::new(Patient::new(stream, write_stall));
        let mut served = pin!(builder.serve_connection(stream, service).with_upgrades());
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
}
