//! The server on a real socket: slow clients, and an end that cuts nobody off.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use transport::Limits;

use crate::served::{Served, ask};

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_finishes_what_is_in_hand_and_closes_what_is_idle() {
    let served = Served::new(Limits::default()).await;
    let (mut idle, mut slow) = (served.connect().await, served.connect().await);
    assert!(ask(&mut idle, HEALTH).await.starts_with("HTTP/1.1 200"));
    let token = served.world.of_role(domain::Role::Manager);
    let body = format!(r#"{{"queue_id":"{}","channel":"staff"}}"#, served.world.queue);
    let head = format!(
        "POST /api/v1/tenants/bank/tickets/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    // The server asks for the body, so the request is in hand for certain.
    assert!(ask(&mut slow, &head).await.starts_with("HTTP/1.1 100"));
    served.stop.cancel();
    let answer = ask(&mut slow, &body).await;
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert_eq!(idle.read(&mut [0; 16]).await.unwrap(), 0, "closed");
    served.server.await.unwrap();
    assert!(TcpStream::connect(served.address).await.is_err());
    served.world.engine.stop(Duration::from_secs(5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_heads_and_slow_bodies_are_given_up() {
    let (headers_within, body_within) = (Duration::from_millis(100), Duration::from_millis(100));
    let served = Served::new(Limits { headers_within, body_within, ..Limits::default() }).await;
    let mut head = served.connect().await;
    head.write_all(b"GET /healthz HTTP/1.1\r\nHost:").await.unwrap();
    let mut rest = Vec::new();
    head.read_to_end(&mut rest).await.unwrap();
    let said = String::from_utf8_lossy(&rest);
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 408"), "{said}");
    let token = served.world.of_role(domain::Role::Manager);
    let mut body = served.connect().await;
    let text = format!(
        "POST /api/v1/tenants/bank/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    );
    body.write_all(text.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    body.read_to_end(&mut rest).await.unwrap();
    let said = String::from_utf8_lossy(&rest);
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("body_timeout"), "{said}");
    served.stop.cancel();
    served.server.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nonsense_ends_its_own_connection_only() {
    let served = Served::new(Limits::default()).await;
    let mut good = served.connect().await;
    assert!(ask(&mut good, HEALTH).await.starts_with("HTTP/1.1 200"));
    let both = "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    let twice =
        "POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcd";
    for text in ["nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", twice, both] {
        let mut bad = served.connect().await;
        bad.write_all(text.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let _ = bad.read_to_end(&mut rest).await;
        let said = String::from_utf8_lossy(&rest);
        assert!(!said.contains("200 OK"), "{text}: {said}");
    }
    assert!(ask(&mut good, HEALTH).await.starts_with("HTTP/1.1 200"));
    served.stop.cancel();
    served.server.await.unwrap();
}
