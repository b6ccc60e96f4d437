//! The application: store, engine, edge and listener, joined in this order and stopped in the other.
//!
//! [`Core`] is what commands without a network need: an engine on an owned store, and the signing keys.
//! [`App`] is a core that listens. Invariant: when `run_until` returns nothing of it runs any more, and
//! everything acknowledged is on disk.

mod audit;
mod certificate;
mod keys;
mod settings;
mod vault;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use actors::{AuditKeyError, Clock, Engine, Settings, StartError};
use persistence::{BadMasterKey, Store, StoreError};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use transport::{
    AuthSettings, BadPost, Edge, EdgeSettings, KeysError, MasterKey, MasterKeyError, Secret,
    SignInSettings, TlsError, report_on_days,
};

use self::keys::Watch;
use crate::config::{CalendarError, Config, DatabaseUrl};

pub(crate) use audit::{Noted, audit_key_if_there, note, operator};
use certificate::Certificate;
use keys::master_key;
pub(crate) use keys::{rotate, signing_keys};
pub(crate) use vault::{open_for_replacing, place_vault_key, vault_key_of};

/// Why the application did not start.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The database is another program's, or its URL names none.
    #[error(transparent)]
    Store(StoreError),
    /// The database cannot be reached or used.
    #[error("database {url}")]
    Database {
        /// Without its password.
        url: String,
        /// What it said.
        source: StoreError,
    },
    /// The engine did not start on it.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The file of the signing key can neither be read nor made.
    #[error("key {} can neither be read nor made", file.display())]
    KeyFile {
        /// The file that was tried.
        file: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file holds no signing key.
    #[error("signing key {}: {reason}; move the file away to have a new one made", file.display())]
    UnsoundKey {
        /// The file that was read.
        file: PathBuf,
        /// What it is not.
        reason: KeysError,
    },
    /// The file holds no master key.
    #[error("master key {}: {reason}; without it every ticket link that was given out ends", file.display())]
    UnsoundMasterKey {
        /// The file that was read.
        file: PathBuf,
        /// What it is not.
        reason: MasterKeyError,
    },
    /// The file holds no audit key.
    #[error("audit key {}: {reason}", file.display())]
    UnsoundAuditKey {
        /// The file that was read.
        file: PathBuf,
        /// What it is not.
        reason: AuditKeyError,
    },
    /// There is no key for personal data, and none may be made.
    #[error(
        "no vault key: set SMARTQUEUE__VAULT__KEY to the output of `openssl rand -base64 32`, or put it into {}",
        file.display()
    )]
    NoVaultKey {
        /// Where it would be looked for.
        file: PathBuf,
    },
    /// What is given as the vault's key is none.
    #[error("{place}: {reason}")]
    UnsoundVaultKey {
        /// The option or the file.
        place: String,
        /// What it is not.
        reason: BadMasterKey,
    },
    /// The files of the certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The holidays cannot be used.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// No mail can be sent as configured.
    #[error("mail: {0}")]
    Mail(#[from] BadPost),
    /// The system hears no signal for us.
    #[error("signals cannot be heard")]
    Signal(#[source] io::Error),
    /// The address is taken, or not this machine's.
    #[error("cannot listen on {address} (--listen chooses another address)")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
}

impl AppError {
    /// Names the database, unless the error does so itself.
    pub(crate) fn of_database(url: &DatabaseUrl, source: StoreError) -> AppError {
        match source {
            StoreError::InUse { .. } | StoreError::BadUrl { .. } | StoreError::File { .. } => {
                AppError::Store(source)
            }
            StoreError::WrongSetting { .. }
            | StoreError::WrongLogin { .. }
            | StoreError::WrongSchema { .. }
            | StoreError::CorruptStream { .. }
            | StoreError::UnreadableRow { .. }
            | StoreError::BadCursor
            | StoreError::WrongVaultKey
            | StoreError::UnknownVaultKey { .. }
            | StoreError::VaultShut
            | StoreError::Database { .. } => AppError::Database { url: url.to_string(), source },
        }
    }
}

/// An engine on a store that this process owns, and the keys that sign tokens.
pub struct Core {
    engine: Engine,
    auth: AuthSettings,
    master_key: MasterKey,
    secret: Secret,
    drain: Duration,
}

impl Core {
    /// Opens the database, its schema brought up to date where the login may, reads or makes the signing key and starts the
    /// engine on `clock`.
    ///
    /// # Errors
    /// [`AppError`] says what stood in the way; what had been opened is closed again.
    pub async fn open(config: &Config, clock: Clock) -> Result<Core, AppError> {
        Core::open_accepting(config, clock, None).await
    }

    /// The same, also when the audit log is broken, if `accept` says why that is accepted.
    ///
    /// # Errors
    /// As [`Core::open`].
    pub async fn open_accepting(
        config: &Config,
        clock: Clock,
        accept: Option<&str>,
    ) -> Result<Core, AppError> {
        let (url, store) = (config.database_url(), open_store(config).await?);
        tracing::info!(database.url = %url, "database {url} is open");
        match Core::on(Arc::clone(&store), config, clock, accept).await {
            Ok(core) => Ok(core),
            Err(error) => {
                store.close().await;
                Err(error)
            }
        }
    }

    async fn on(
        store: Arc<dyn Store>,
        config: &Config,
        clock: Clock,
        accept: Option<&str>,
    ) -> Result<Core, AppError> {
        let keys = signing_keys(&config.signing_key_file())?;
        let master_key = master_key(&config.master_key_file())?;
        let secret = keys::secret(&config.sign_in_secret_file())?;
        let audit = Some(audit::keeping(config, accept)?);
        let settings = Settings { audit, ..settings::of_engine(config) };
        let engine = Engine::start(store, settings, clock).await?;
        let auth = AuthSettings { issuer: config.auth.issuer.clone(), keys };
        Ok(Core { engine, auth, master_key, secret, drain: settings::drain(config) })
    }

    /// The running orchestrator.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// With what tokens are signed and checked.
    #[must_use]
    pub fn auth(&self) -> &AuthSettings {
        &self.auth
    }

    /// Takes the address of `server.listen`; connections wait there until [`App::run_until`].
    /// `demo` is what `GET /demo/session` answers; `None` outside the demo.
    ///
    /// # Errors
    /// [`AppError::Listen`]; the core has been stopped then.
    pub async fn listen(self, config: &Config, demo: Option<String>) -> Result<App, AppError> {
        let opened = async {
            let (certificate, mailer) =
                (Certificate::open(config)?, config.mail.mailer(&config.server.data_dir)?);
            let holidays = config.calendar.holidays()?;
            let ended = transport::recall_ended(&self.engine).await;
            let ended =
                ended.map_err(|error| AppError::of_database(&config.database_url(), error))?;
            let figures = metrics_at(config).await;
            Ok((bind(config.server.listen).await?, certificate, mailer, ended, figures, holidays))
        };
        let ((listener, address), certificate, mailer, ended, figures, holidays) =
            match opened.await {
                Ok(opened) => opened,
                Err(error) => {
                    self.stop().await;
                    return Err(error);
                }
            };
        let Core { engine, auth, master_key, secret, drain } = self;
        let limits = settings::of_edge(config);
        let allowed_origins = config.server.allowed_origins.clone();
        let web = settings::web(config);
        let sign_in = SignInSettings {
            public_url: config.public_url(address),
            access_token_ttl: Duration::from_secs(config.auth.access_token_ttl_seconds),
            session_idle: domain::Secs(config.auth.session_idle_seconds),
            secret,
            mailer,
        };
        let watch = Watch::new(config.signing_key_file(), auth.keys.clone());
        let settings = EdgeSettings { auth, limits, allowed_origins, demo, master_key, web };
        let edge = Edge::with_sign_in(engine, settings, sign_in).remembering(ended);
        let edge = edge.observing(holidays);
        let app = App { edge, listener, address, certificate, drain, watch, figures };
        tracing::info!(server.address = %address, "listening on {}", app.url());
        Ok(app)
    }

    /// Finishes what is in hand, writes snapshots, closes the database and gives up its ownership.
    pub async fn stop(self) {
        self.engine.stop(self.drain).await;
    }
}

/// The database, owned and its vault open.
///
/// # Errors
/// [`AppError`] says what stood in the way.
pub(crate) async fn open_store(config: &Config) -> Result<Arc<dyn Store>, AppError> {
    let url = config.database_url();
    let options = settings::of_store(config, vault::vault_key(config)?);
    let opened = persistence::open(url.expose(), &options).await;
    opened.map_err(|error| AppError::of_database(&url, error))
}

async fn serve(
    listener: TcpListener,
    certificate: Option<Certificate>,
    edge: Edge,
    stop: CancellationToken,
) {
    let Some(certificate) = certificate else {
        return transport::serve(listener, edge, stop).await;
    };
    let serving = transport::serve_tls(listener, certificate.tls(), edge, stop);
    tokio::select! {
        () = serving => {}
        () = certificate.keep_fresh() => {}
    }
}

/// Where figures are scraped. A second program on the machine serves without them rather than not at all.
async fn metrics_at(config: &Config) -> Option<TcpListener> {
    let prometheus = &config.prometheus;
    if !prometheus.enabled {
        return None;
    }
    let address = prometheus.listen;
    let bound = TcpListener::bind(address).await;
    bound.inspect_err(|error| {
        tracing::warn!(%error, "metrics are not served: cannot listen on {address} (prometheus.listen)");
    })
    .ok()
}

async fn show_figures(listener: Option<TcpListener>, edge: Edge) {
    match listener {
        Some(listener) => transport::serve_metrics(listener, edge).await,
        None => std::future::pending().await,
    }
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), AppError> {
    let failed = |source| AppError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// The application, ready to run.
pub struct App {
    edge: Edge,
    listener: TcpListener,
    address: SocketAddr,
    certificate: Option<Certificate>,
    drain: Duration,
    watch: Watch,
    figures: Option<TcpListener>,
}

impl App {
    /// Everything that `smartqueue serve` starts, on the system's clock.
    ///
    /// # Errors
    /// As [`Core::open`] and [`Core::listen`].
    pub async fn start(config: &Config) -> Result<App, AppError> {
        Core::open(config, Clock::system()).await?.listen(config, None).await
    }

    /// Where it listens, with the port that was really taken.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where figures are scraped, if they are.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.figures.as_ref()?.local_addr().ok()
    }

    /// The same as a web address.
    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// The running orchestrator.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.edge.engine()
    }

    /// The edge, with the keys that sign and check tokens.
    #[must_use]
    pub fn edge(&self) -> &Edge {
        &self.edge
    }

    /// Serves until `stop` is ready, then stops in order: no new connection, what is in hand within the
    /// drain time, sockets told to come back, snapshots, the database.
    pub async fn run_until(self, stop: impl Future<Output = ()>) {
        let App { edge, listener, certificate, drain, watch, figures, .. } = self;
        let (engine, aside) = (edge.engine().clone(), edge.clone());
        let stopping = CancellationToken::new();
        let serving = Box::pin(serve(listener, certificate, edge, stopping.clone()));
        let wish = async {
            stop.await;
            stopping.cancel();
        };
        // The server ends only once it was told to, so both are waited for.
        let served = async { tokio::join!(serving, wish) };
        tokio::select! {
            ((), ()) = served => {}
            () = watch.follow() => {}
            () = transport::tell_of_alerts(&aside) => {}
            () = show_figures(figures, aside.clone()) => {}
            () = report_on_days(aside.clone()) => {}
        }
        engine.stop(drain).await;
        tracing::info!("stopped");
    }
}
