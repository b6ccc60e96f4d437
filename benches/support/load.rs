//! Keep-alive clients on raw sockets: a request ready to send, an answer read to its end.
//!
//! They parse only what they must: the status and the content length.
//! Invariant: one request in flight per client; an answer that is not 2xx stops the bench.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

static KEYS: AtomicU64 = AtomicU64::new(1);

/// A number of connected clients.
pub(crate) struct Clients {
    clients: Vec<Arc<Mutex<Client>>>,
}

struct Client {
    stream: TcpStream,
    requests: Vec<Request>,
    next: usize,
    buffer: Vec<u8>,
}

impl Clients {
    pub(crate) async fn connect(address: SocketAddr, count: usize, requests: Vec<Vec<u8>>) -> Self {
        let mut clients = Vec::with_capacity(count);
        for index in 0..count {
            let stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let client = Client {
                stream,
                requests: requests.iter().cloned().map(Request::new).collect(),
                next: index * 7,
                buffer: Vec::with_capacity(4_096),
            };
            clients.push(Arc::new(Mutex::new(client)));
        }
        Self { clients }
    }

    /// Sends that many requests in all and reads every answer.
    pub(crate) async fn send(&self, requests: u64) {
        let left = Arc::new(AtomicU64::new(requests));
        let mut tasks = Vec::with_capacity(self.clients.len());
        for client in &self.clients {
            let (client, left) = (Arc::clone(client), Arc::clone(&left));
            tasks.push(tokio::spawn(async move {
                let mut client = client.lock().await;
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
                    .is_ok()
                {
                    client.once().await;
                }
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
    }
}

impl Client {
    async fn once(&mut self) {
        self.next = (self.next + 1) % self.requests.len();
        let request = self.requests[self.next].fresh();
        self.stream.write_all(request).await.unwrap();
        self.buffer.clear();
        loop {
            let read = self.stream.read_buf(&mut self.buffer).await.unwrap();
            assert!(read > 0, "the server closed the connection");
            if complete(&self.buffer) {
                break;
            }
        }
        assert!(
            self.buffer.starts_with(b"HTTP/1.1 2"),
            "{}",
            String::from_utf8_lossy(&self.buffer)
        );
    }
}

/// The bytes of a request, and where in them the sixteen digits of its idempotency key stand, if it has one.
struct Request {
    bytes: Vec<u8>,
    digits_at: Option<usize>,
}

impl Request {
    fn new(bytes: Vec<u8>) -> Self {
        let name = b"idempotency-key: ";
        let digits_at = find(&bytes, name).map(|at| at + name.len());
        Self { bytes, digits_at }
    }

    /// The request under a key that was not used before.
    fn fresh(&mut self) -> &[u8] {
        if let Some(at) = self.digits_at {
            let key = format!("{:016x}", KEYS.fetch_add(1, Ordering::Relaxed));
            self.bytes[at..at + 16].copy_from_slice(key.as_bytes());
        }
        &self.bytes
    }
}

fn complete(answer: &[u8]) -> bool {
    let Some(head) = find(answer, b"\r\n\r\n") else { return false };
    let length = find(&answer[..head], b"content-length: ").map_or(0, |at| {
        let digits = answer[at + 16..head].iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(0, |length, digit| length * 10 + usize::from(digit - b'0'))
    });
    answer.len() >= head + 4 + length
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
