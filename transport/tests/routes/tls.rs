//! TLS with a real client: the handshake, requests, sockets, and a certificate that changes under way.

use std::sync::Arc;
use std::time::Duration;

use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::version::{TLS12, TLS13};
use tokio_rustls::rustls::{
    ClientConfig, ProtocolVersion, RootCertStore, SupportedProtocolVersion,
};
use tokio_util::sync::CancellationToken;
use transport::{Limits, Tls, TlsFiles, serve_tls};

use crate::world::World;

struct Secure {
    port: u16,
    stop: CancellationToken,
    server: JoinHandle<()>,
    tls: Tls,
    files: TlsFiles,
    world: World,
    _folder: tempfile::TempDir,
}

fn write(files: &TlsFiles) -> CertifiedKey<KeyPair> {
    let made = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&files.certificate, made.cert.pem()).unwrap();
    std::fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    made
}

impl Secure {
    async fn new(limits: Limits) -> (Self, CertifiedKey<KeyPair>) {
        let world = World::with(limits, None).await;
        let folder = tempfile::tempdir().unwrap();
        let files = TlsFiles { certificate: folder.path().join("c"), key: folder.path().join("k") };
        let made = write(&files);
        let tls = Tls::open(files.clone()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, stop) = (listener.local_addr().unwrap().port(), CancellationToken::new());
        let serving = serve_tls(listener, tls.clone(), world.edge.clone(), stop.clone());
        #[expect(clippy::disallowed_methods, reason = "the test owns it and joins it")]
        let server = tokio::spawn(serving);
        (Self { port, stop, server, tls, files, world, _folder: folder }, made)
    }

    async fn end(self) {
        self.stop.cancel();
        self.server.await.unwrap();
    }
}

async fn connect(
    port: u16,
    trusted: &CertifiedKey<KeyPair>,
    versions: &[&'static SupportedProtocolVersion],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.cert.der().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await
}

async fn ask(stream: &mut TlsStream<TcpStream>, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut read = vec![0; 4_096];
    let length = stream.read(&mut read).await.unwrap();
    String::from_utf8_lossy(&read[..length]).into_owned()
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_are_spoken_with_http_1_and_told_to_stay() {
    let (secure, made) = Secure::new(Limits::default()).await;
    for (version, spoken) in
        [(&TLS13, ProtocolVersion::TLSv1_3), (&TLS12, ProtocolVersion::TLSv1_2)]
    {
        let mut stream = connect(secure.port, &made, &[version]).await.unwrap();
        let session = stream.get_ref().1;
        assert_eq!(session.protocol_version(), Some(spoken));
        assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
        let said = ask(&mut stream, HEALTH).await;
        assert!(
            said.starts_with("HTTP/1.1 200")
                && said.contains("strict-transport-security: max-age="),
            "{said}"
        );
    }
    secure.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s14_a_socket_is_opened_over_tls() {
    let (secure, made) = Secure::new(Limits::default()).await;
    let mut stream = connect(secure.port, &made, &[&TLS13]).await.unwrap();
    let token = secure.world.of_role(domain::Role::Manager);
    let said = ask(&mut stream, &format!(
        "GET /api/v1/tenants/bank/ws HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Authorization: Bearer {token}\r\n\r\n"
    )).await;
    assert!(said.starts_with("HTTP/1.1 101"), "{said}");
    let mut frames = said;
    while !frames.contains("\"welcome\"") {
        let mut read = vec![0; 1_024];
        let length = stream.read(&mut read).await.unwrap();
        assert!(length > 0, "{frames}");
        frames.push_str(&String::from_utf8_lossy(&read[..length]));
    }
    secure.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_is_taken_up_and_cuts_nobody_off() {
    let (secure, old) = Secure::new(Limits::default()).await;
    let mut before = connect(secure.port, &old, &[&TLS13]).await.unwrap();
    assert!(ask(&mut before, HEALTH).await.starts_with("HTTP/1.1 200"));
    let new = write(&secure.files);
    secure.tls.reload().unwrap();
    assert!(ask(&mut before, HEALTH).await.starts_with("HTTP/1.1 200"), "the old connection lives");
    assert!(connect(secure.port, &old, &[&TLS13]).await.is_err(), "the old certificate is gone");
    let mut after = connect(secure.port, &new, &[&TLS13]).await.unwrap();
    assert!(ask(&mut after, HEALTH).await.starts_with("HTTP/1.1 200"));
    drop((before, after));
    secure.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn d01_plain_talk_and_slow_handshakes_are_given_up() {
    let headers_within = Duration::from_millis(200);
    let (secure, made) = Secure::new(Limits { headers_within, ..Limits::default() }).await;
    let mut plain = TcpStream::connect(("127.0.0.1", secure.port)).await.unwrap();
    plain.write_all(HEALTH.as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said).await;
    assert!(!String::from_utf8_lossy(&said).contains("HTTP/1.1"), "no plain answer");
    let mut silent = TcpStream::connect(("127.0.0.1", secure.port)).await.unwrap();
    let ended = tokio::time::timeout(Duration::from_secs(5), silent.read(&mut [0; 1])).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    let mut good = connect(secure.port, &made, &[&TLS13]).await.unwrap();
    assert!(ask(&mut good, HEALTH).await.starts_with("HTTP/1.1 200"));
    drop(good);
    secure.end().await;
}
