//! The server on a real socket, to be talked to byte by byte.
//!
//! Invariant: a server ends with its test.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use transport::{Limits, Web, serve};

use crate::world::World;

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) server: JoinHandle<()>,
    pub(crate) world: World,
}

impl Served {
    pub(crate) async fn new(limits: Limits) -> Self {
        Self::behind(limits, Web::default()).await
    }

    pub(crate) async fn behind(limits: Limits, web: Web) -> Self {
        let world = World::behind(limits, None, web).await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        #[expect(clippy::disallowed_methods, reason = "the test owns it and joins it")]
        let server = tokio::spawn(serve(listener, world.edge.clone(), stop.clone()));
        Self { address, stop, server, world }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// What the server says to `bytes` until it closes.
    pub(crate) async fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // It may have heard enough before we have said all.
        let _ = stream.write_all(bytes).await;
        let mut said = Vec::new();
        // A reset ends it as well.
        let _ = stream.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).into_owned()
    }

    pub(crate) async fn end(self) {
        self.stop.cancel();
        self.server.await.unwrap();
    }
}

/// Writes `text`, and reads once.
pub(crate) async fn ask(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut read = vec![0; 4_096];
    let length = stream.read(&mut read).await.unwrap();
    String::from_utf8_lossy(&read[..length]).into_owned()
}
