//! The wish to stop, as the system says it: SIGTERM, or Ctrl-C.
//!
//! Handlers are installed before anything starts, so that a signal during the start is not lost.
//! Invariant: from its installation on, a signal never ends the process by itself; whoever waits decides.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Listens for SIGTERM and SIGINT.
#[derive(Debug)]
pub struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Installs the handlers. Each listener made so hears every signal that comes after.
    ///
    /// # Errors
    /// When the system installs no handler.
    pub fn install() -> io::Result<StopSignal> {
        Ok(StopSignal {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the next signal; says which one came.
    pub async fn asked(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}
