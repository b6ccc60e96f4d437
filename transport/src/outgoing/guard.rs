//! The client for addresses that tenants choose: it reaches public servers, and what the operator allowed beside them.
//!
//! A name is resolved once for each connection and every address of the answer is judged; the connection goes to the
//! very address that was judged, so a name that changes its mind in between gains nothing. Redirects are not followed,
//! proxies of the environment are not used, and an answer has a time and a size.
//! Invariant: no byte is sent to an address that was not judged.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, Request, Response, Url};

use super::addresses::{carried, is_public};
use crate::network::Network;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Why a request was not made, or its answer not taken.
#[derive(Debug, thiserror::Error)]
pub enum GuardError {
    #[error(
        "{0:?} is not a web address: give one that begins with https:// or http://, without a name or password in it"
    )]
    NotAWebAddress(String),
    #[error("{0} is not a public address, and not in outgoing.allowed_networks")]
    Forbidden(String),
    #[error("the name {0} is not known")]
    UnknownName(String),
    #[error("the answer is longer than {BODY_BYTES_MAX} bytes")]
    TooLong,
    #[error("the request failed")]
    Failed(#[source] reqwest::Error),
}

/// From a name to its addresses: the system's resolver, or a test's.
pub trait Resolver: Send + Sync + 'static {
    fn addresses(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>>;
}

struct SystemResolver;

impl Resolver for SystemResolver {
    fn addresses(&self, name: String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.map(|socket| socket.ip()).collect())
        })
    }
}

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Guard {
    client: Client,
    judge: Arc<Judge>,
}

struct Judge {
    allowed: Vec<Network>,
    resolver: Box<dyn Resolver>,
}

/// What the client asks for addresses; by the time it connects, all of them were judged.
struct Judging(Arc<Judge>);

/// Carried through the client's error to [`told`].
#[derive(Debug, thiserror::Error)]
#[error("{0} has an address that is not public")]
struct ForbiddenName(String);

impl Guard {
    /// A client that reaches public addresses and the `allowed` networks.
    ///
    /// # Errors
    /// When the machine has no TLS.
    pub fn new(allowed: Vec<Network>) -> Result<Self, GuardError> {
        Self::with_resolver(allowed, Box::new(SystemResolver))
    }

    /// [`Guard::new`], with names from elsewhere.
    ///
    /// # Errors
    /// As [`Guard::new`].
    pub fn with_resolver(
        allowed: Vec<Network>,
        resolver: Box<dyn Resolver>,
    ) -> Result<Self, GuardError> {
        let judge = Arc::new(Judge { allowed, resolver });
        let client = Client::builder()
            .dns_resolver(Arc::new(Judging(Arc::clone(&judge))))
            .redirect(Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .referer(false)
            // A kept connection would be one to an address that was judged long ago.
            .pool_max_idle_per_host(0)
            .build();
        Ok(Self { client: client.map_err(GuardError::Failed)?, judge })
    }

    /// Judges an address when it is configured, so that its owner hears at once what would be refused later.
    ///
    /// # Errors
    /// When a request to it would not be made now.
    pub async fn check(&self, address: &str) -> Result<Url, GuardError> {
        let url = web_address(address)?;
        match literal(&url) {
            Some(ip) => self.judge.judged(ip)?,
            None => {
                let name = url.host_str().unwrap_or_default().to_owned();
                self.judge.resolved(name).await?;
            }
        }
        Ok(url)
    }

    /// Starts a request; [`Guard::send`] makes it.
    #[must_use]
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Makes a request. A redirect is an answer like any other.
    ///
    /// # Errors
    /// When its address may not be called, or there is no answer in time.
    pub async fn send(&self, request: Request) -> Result<Response, GuardError> {
        let url = web_address(request.url().as_str())?;
        // The client asks no resolver about an address that is written as one.
        if let Some(ip) = literal(&url) {
            self.judge.judged(ip)?;
        }
        self.client.execute(request).await.map_err(told)
    }

    /// The answer's body, which is at most a mebibyte.
    ///
    /// # Errors
    /// When it is longer, or does not come in time.
    pub async fn body(mut answer: Response) -> Result<Bytes, GuardError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(GuardError::Failed)? {
            if body.len() + chunk.len() > BODY_BYTES_MAX {
                return Err(GuardError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

impl Judge {
    fn may(&self, address: IpAddr) -> bool {
        let inner = match address {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => carried(address),
        };
        let address = inner.map_or(address, IpAddr::V4);
        is_public(address) || self.allowed.iter().any(|network| network.contains(address))
    }

    fn judged(&self, address: IpAddr) -> Result<(), GuardError> {
        if self.may(address) { Ok(()) } else { Err(GuardError::Forbidden(address.to_string())) }
    }

    /// All addresses of `name`. One that may not be called makes the whole answer suspect.
    async fn resolved(&self, name: String) -> Result<Vec<IpAddr>, GuardError> {
        let found = self.resolver.addresses(name.clone()).await;
        let found = found.map_err(|_| GuardError::UnknownName(name.clone()))?;
        if found.is_empty() {
            return Err(GuardError::UnknownName(name));
        }
        if found.iter().all(|address| self.may(*address)) {
            Ok(found)
        } else {
            Err(GuardError::Forbidden(name))
        }
    }
}

impl Resolve for Judging {
    fn resolve(&self, name: Name) -> Resolving {
        let judge = Arc::clone(&self.0);
        Box::pin(async move {
            let name = name.as_str().to_owned();
            match judge.resolved(name.clone()).await {
                Ok(found) => {
                    let sockets = found.into_iter().map(|address| SocketAddr::new(address, 0));
                    Ok(Box::new(sockets) as Addrs)
                }
                Err(GuardError::Forbidden(_)) => Err(ForbiddenName(name).into()),
                Err(error) => Err(error.into()),
            }
        })
    }
}

/// The client wraps what its resolver said; ours is found again inside.
fn told(error: reqwest::Error) -> GuardError {
    let mut inner: Option<&(dyn Error + 'static)> = Some(&error);
    while let Some(cause) = inner {
        if let Some(ForbiddenName(name)) = cause.downcast_ref() {
            return GuardError::Forbidden(name.clone());
        }
        inner = cause.source();
    }
    // An address may hold what only its owner should know.
    GuardError::Failed(error.without_url())
}

fn web_address(text: &str) -> Result<Url, GuardError> {
    let bad = || GuardError::NotAWebAddress(text.chars().take(200).collect());
    let url = Url::parse(text).map_err(|_| bad())?;
    let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
    let is_bare = url.username().is_empty() && url.password().is_none();
    if is_web && is_bare { Ok(url) } else { Err(bad()) }
}

/// The address, if the host is written as one. The parser has made `2130706433` and `0x7f.1` into `127.0.0.1`.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

#[cfg(test)]
mod tests;
