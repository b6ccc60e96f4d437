//! TLS: a certificate and its key from files, read again when the files change.
//!
//! TLS 1.3 and 1.2 of rustls on aws-lc-rs; HTTP/1.1 is the one protocol offered. A connection keeps the certificate
//! that it began with, so a change cuts nobody off.
//! Invariant: files that cannot be used never replace a certificate that can.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;

/// Between two looks at the files.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Why the files cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("TLS file {} cannot be read", file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{} holds no certificate: give PEM, beginning with -----BEGIN CERTIFICATE-----", file.display())]
    NoCertificate { file: PathBuf },
    #[error("{} holds no private key: give PEM, such as -----BEGIN PRIVATE KEY-----, without a password", file.display())]
    NoKey { file: PathBuf },
    #[error("certificate {} and key {} do not go together", certificate.display(), key.display())]
    Unfit { certificate: PathBuf, key: PathBuf, source: rustls::Error },
}

/// Where the certificate (with its chain) and its key are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// The certificate in use. Cheap to clone.
#[derive(Clone)]
pub struct Tls {
    inner: Arc<Inner>,
}

struct Inner {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
    /// How the files looked just before they were first read: a change since then is seen, whenever the watch begins.
    first_look: Look,
}

/// By which a changed file is known.
type Look = [Option<(u64, Option<SystemTime>)>; 2];

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When they cannot be used; the message names the file and the fault.
    pub fn open(files: TlsFiles) -> Result<Self, TlsError> {
        let first_look = look(&files);
        let current = RwLock::new(Arc::new(read(&files)?));
        Ok(Self { inner: Arc::new(Inner { files, current, first_look }) })
    }

    /// Reads the files again: new connections get what is in them now.
    ///
    /// # Errors
    /// When they cannot be used; the certificate before stays in use.
    pub fn reload(&self) -> Result<(), TlsError> {
        let fresh = Arc::new(read(&self.inner.files)?);
        // A thread that died while it held the lock left a whole value.
        *self.inner.current.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// Looks at the files for ever, and reads them again when one has changed.
    pub async fn watch(&self) {
        let mut known = self.inner.first_look;
        loop {
            sleep(LOOK_AGAIN).await;
            let seen = look(&self.inner.files);
            if seen != known {
                known = seen;
                self.reload_and_tell("changed");
            }
        }
    }

    /// [`Tls::reload`], with its outcome in the log: nobody else is there to hear it.
    pub fn reload_and_tell(&self, why: &str) {
        match self.reload() {
            Ok(()) => tracing::info!(why, "the TLS certificate was read again"),
            Err(error) => {
                let source = std::error::Error::source(&error).map(ToString::to_string);
                tracing::error!(why, %error, source, "the TLS certificate in use was kept");
            }
        }
    }

    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let current = self.inner.current.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&current))
    }
}

fn look(files: &TlsFiles) -> Look {
    let of = |file: &Path| {
        let seen: Option<Metadata> = std::fs::metadata(file).ok();
        seen.map(|seen| (seen.len(), seen.modified().ok()))
    };
    [of(&files.certificate), of(&files.key)]
}

fn read(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let chain = chain(&files.certificate)?;
    let key = key(&files.key)?;
    let unfit = |source| TlsError::Unfit {
        certificate: files.certificate.clone(),
        key: files.key.clone(),
        source,
    };
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
        .map_err(unfit)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(unfit)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let missing = || TlsError::NoCertificate { file: file.to_owned() };
    let bytes = bytes(file)?;
    let chain: Result<Vec<_>, pem::Error> = CertificateDer::pem_slice_iter(&bytes).collect();
    let chain = chain.map_err(|_| missing())?;
    if chain.is_empty() { Err(missing()) } else { Ok(chain) }
}

fn key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let bytes = bytes(file)?;
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| TlsError::NoKey { file: file.to_owned() })
}

fn bytes(file: &Path) -> Result<Vec<u8>, TlsError> {
    std::fs::read(file).map_err(|source| TlsError::Unreadable { file: file.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn files(&self) -> TlsFiles {
            let at = |name: &str| self.0.path().join(name);
            TlsFiles { certificate: at("c.pem"), key: at("k.pem") }
        }

        fn with(certificate: &str, key: &str) -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            std::fs::write(folder.files().certificate, certificate).unwrap();
            std::fs::write(folder.files().key, key).unwrap();
            folder
        }
    }

    fn refusal(certificate: &str, key: &str) -> String {
        let folder = Folder::with(certificate, key);
        Tls::open(folder.files()).err().unwrap().to_string()
    }

    #[test]
    fn bad_files_are_told_apart() {
        let ((certificate, key), (other, _)) = (pair(), pair());
        assert!(refusal("", &key).contains("c.pem holds no certificate"));
        assert!(refusal(&key, &key).contains("c.pem holds no certificate"));
        assert!(refusal(&certificate, "nonsense").contains("k.pem holds no private key"));
        assert!(refusal(&certificate, &certificate).contains("k.pem holds no private key"));
        assert!(refusal(&other, &key).contains("do not go together"));
        let folder = Folder::with(&certificate, &key);
        std::fs::remove_file(folder.files().key).unwrap();
        assert!(
            Tls::open(folder.files()).err().unwrap().to_string().contains("k.pem cannot be read")
        );
    }

    #[test]
    fn files_that_cannot_be_used_replace_nothing() {
        let (certificate, key) = pair();
        let folder = Folder::with(&certificate, &key);
        let tls = Tls::open(folder.files()).unwrap();
        let before = Arc::as_ptr(tls.acceptor().config());
        std::fs::write(folder.files().certificate, pair().0).unwrap();
        assert!(tls.reload().is_err());
        assert_eq!(Arc::as_ptr(tls.acceptor().config()), before);
        std::fs::write(folder.files().certificate, &certificate).unwrap();
        tls.reload().unwrap();
        assert_ne!(Arc::as_ptr(tls.acceptor().config()), before);
    }

    #[tokio::test(start_paused = true)]
    async fn what_changed_before_the_watch_began_is_seen() {
        let ((certificate, key), (new_certificate, new_key)) = (pair(), pair());
        let folder = Folder::with(&certificate, &key);
        let tls = Tls::open(folder.files()).unwrap();
        let before = Arc::as_ptr(tls.acceptor().config());
        std::fs::write(folder.files().certificate, new_certificate).unwrap();
        std::fs::write(folder.files().key, new_key).unwrap();
        // The clock of the test runs by itself: two looks take no time.
        let _ended = tokio::time::timeout(2 * LOOK_AGAIN, tls.watch()).await;
        assert_ne!(Arc::as_ptr(tls.acceptor().config()), before);
    }
}
