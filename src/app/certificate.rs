//! The certificate of a running program: read again at SIGHUP, and when its files change.
//!
//! Who renews certificates can send the signal, or just put the files in place.
//! Invariant: no connection is cut by it.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use transport::{Tls, TlsFiles};

use super::AppError;
use crate::config::Config;

/// The certificate that the configuration names, and the wish to have it read again.
pub(super) struct Certificate {
    tls: Tls,
    hang_up: Signal,
}

impl Certificate {
    /// # Errors
    /// [`AppError::Tls`] for files that cannot be used, [`AppError::Signal`] when the system hears no signal.
    pub(super) fn open(config: &Config) -> Result<Option<Certificate>, AppError> {
        let (Some(certificate), Some(key)) = (&config.server.tls_cert, &config.server.tls_key)
        else {
            return Ok(None);
        };
        let files = TlsFiles { certificate: certificate.clone(), key: key.clone() };
        let tls = Tls::open(files)?;
        let hang_up: io::Result<Signal> = signal(SignalKind::hangup());
        Ok(Some(Certificate { tls, hang_up: hang_up.map_err(AppError::Signal)? }))
    }

    pub(super) fn tls(&self) -> Tls {
        self.tls.clone()
    }

    /// Keeps the certificate fresh, for ever.
    pub(super) async fn keep_fresh(mut self) {
        let tls = self.tls.clone();
        let signals = async {
            while self.hang_up.recv().await.is_some() {
                tls.reload_and_tell("SIGHUP");
            }
        };
        tokio::join!(signals, self.tls.watch());
    }
}
