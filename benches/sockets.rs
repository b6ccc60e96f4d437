//! Five thousand displays on one topic: memory of an idle connection, and how fast one call reaches all of them.
//!
//! Server and clients share this process and its two cores, so both figures are upper bounds. The fan-out is set
//! beside writing the same bytes to as many plain loopback connections, read by the same kind of client.
//! Invariant: every socket has authenticated and follows the site's topic before anything is measured.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "a bench measures real time, prints what it found and stops at any failure"
)]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use persistence::testing::TestDatabase;
use support::branch::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const SOCKETS: usize = 5_000;
const ROUNDS: usize = 20;

#[tokio::main]
async fn main() {
    let server = Server::start(TestDatabase::sqlite()).await;
    let warm = follow(&server, 200).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = resident_kib();
    let sockets = follow(&server, SOCKETS).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let grown = resident_kib() - before;
    println!(
        "sockets/idle: {:.2} KiB of resident memory each, over {SOCKETS}",
        grown as f64 / SOCKETS as f64
    );

    let agent = server.agent().await;
    let mut calls = Vec::new();
    let mut sockets = sockets;
    for _ in 0..ROUNDS {
        let ticket = server.issue().await;
        let start = Instant::now();
        let readers = read_once(sockets);
        server.call(&agent).await;
        sockets = all(readers).await;
        calls.push(start.elapsed());
        server.finish(&agent, &ticket).await;
        sockets = settle(sockets).await;
    }
    report("sockets/fan_out: POST call-next to the last of the sockets", &mut calls);
    // Both ends of these and of the plain ones would be more files than one process may open.
    drop((warm, sockets));
    tokio::time::sleep(Duration::from_secs(2)).await;

    let mut plain = Vec::new();
    let (mut writers, mut readers) = pairs(SOCKETS).await;
    let frame = vec![b'x'; 430];
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let reading = read_once(readers);
        for writer in &mut writers {
            writer.write_all(&frame).await.unwrap();
        }
        readers = all(reading).await;
        plain.push(start.elapsed());
    }
    report("sockets/plain: 430 bytes to as many plain connections", &mut plain);
    server.stop().await;
}

fn report(name: &str, times: &mut [Duration]) {
    times.sort();
    println!(
        "{name}: median {:?}, slowest {:?} of {}",
        times[times.len() / 2],
        times[times.len() - 1],
        times.len()
    );
}

async fn follow(server: &Server, count: usize) -> Vec<TcpStream> {
    let mut sockets = Vec::with_capacity(count);
    for _ in 0..count {
        sockets.push(socket(server.address, &server.upgrade(), &server.subscribe()).await);
    }
    sockets
}

async fn socket(address: SocketAddr, upgrade: &[u8], subscribe: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(upgrade).await.unwrap();
    read_until(&mut stream, b"\r\n\r\n").await;
    stream.write_all(&text_frame(subscribe)).await.unwrap();
    read_until(&mut stream, b"\"snapshot\"").await;
    stream
}

/// A client's text frame; masked with zeros, so that the payload stands as it is.
fn text_frame(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap();
    let mut frame = vec![0x81, 0xFE];
    frame.extend(length.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    frame
}

async fn read_until(stream: &mut TcpStream, part: &[u8]) {
    let mut seen = Vec::new();
    while !seen.windows(part.len()).any(|window| window == part) {
        let mut piece = [0; 2_048];
        let read = stream.read(&mut piece).await.unwrap();
        assert!(read > 0, "closed: {}", String::from_utf8_lossy(&seen));
        seen.extend(&piece[..read]);
    }
}

type Reading = Vec<tokio::task::JoinHandle<TcpStream>>;

fn read_once(streams: Vec<TcpStream>) -> Reading {
    let read = |mut stream: TcpStream| async move {
        let mut piece = [0; 1_024];
        assert!(stream.read(&mut piece).await.unwrap() > 0);
        stream
    };
    streams.into_iter().map(|stream| tokio::spawn(read(stream))).collect()
}

async fn all(readers: Reading) -> Vec<TcpStream> {
    let mut streams = Vec::with_capacity(readers.len());
    for reader in readers {
        streams.push(reader.await.unwrap());
    }
    streams
}

/// Lets frames of what followed arrive, and throws them away.
async fn settle(sockets: Vec<TcpStream>) -> Vec<TcpStream> {
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut piece = [0; 4_096];
    for socket in &sockets {
        while socket.try_read(&mut piece).is_ok_and(|read| read > 0) {}
    }
    sockets
}

async fn pairs(count: usize) -> (Vec<TcpStream>, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (mut writers, mut readers) = (Vec::new(), Vec::new());
    for _ in 0..count {
        let (reader, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        readers.push(reader.unwrap());
        writers.push(accepted.unwrap().0);
    }
    (writers, readers)
}

/// Resident memory of this process.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
