//! Everybody who is simulated, as one thing that lives and ends with the program.
//!
//! Each simulated person is a task of one set; dropping the set ends them all.
//! Invariant: they reach the server over the network only, as real people would.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::agents::SIMULATED;
use super::branch::{Branch, Line};
use super::chance::Chance;
use super::clerk::Clerk;
use super::post::{Keys, Post};
use super::session::Session;
use super::street::Street;
use super::tempo::Tempo;

/// What every simulated person knows.
pub(crate) struct Scene {
    pub(super) address: SocketAddr,
    pub(super) tempo: Tempo,
    pub(super) keys: Arc<Keys>,
    pub(super) lines: Vec<Line>,
    /// Tokens of the kiosk and of the reception.
    pub(super) kiosk: String,
    pub(super) manager: String,
}

/// The simulated people.
pub(crate) struct Crowd(JoinSet<()>);

impl Crowd {
    /// Lets the branch live at `address`. `run` must be another text at every start.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub(crate) fn start(
        branch: Branch,
        session: &Session,
        address: SocketAddr,
        (speed, seed, run): (f64, u64, String),
    ) -> anyhow::Result<Self> {
        let Branch { lines, members, .. } = branch;
        let scene = Arc::new(Scene {
            address: reachable(address),
            tempo: Tempo(speed),
            keys: Arc::new(Keys::of_run(run)),
            lines,
            kiosk: session.kiosk.clone(),
            manager: session.manager.clone(),
        });
        let mut chance = Chance::seeded(seed);
        let mut people = JoinSet::new();
        let street = Street {
            scene: Arc::clone(&scene),
            post: Post::new(scene.address)?,
            chance: chance.fork(),
            impatient: std::collections::BTreeSet::new(),
        };
        people.spawn(street.live());
        for (member, token) in members.into_iter().zip(&session.agents).take(SIMULATED) {
            let Some((counter, _)) = member.counter else { continue };
            let clerk = Clerk {
                scene: Arc::clone(&scene),
                chance: chance.fork(),
                agent: member.id,
                counter,
                queues: member.queues,
                token: token.clone(),
            };
            people.spawn(clerk.live());
        }
        Ok(Self(people))
    }

    /// Sends everybody home.
    pub(crate) async fn go_home(mut self) {
        self.0.shutdown().await;
    }
}

/// An address of this machine for one that means all of them.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let own = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        named @ (IpAddr::V4(_) | IpAddr::V6(_)) => named,
    };
    SocketAddr::new(own, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_means_all_is_reached_on_this_machine() {
        let own = |address: &str| reachable(address.parse().unwrap()).to_string();
        assert_eq!(own("0.0.0.0:8080"), "127.0.0.1:8080");
        assert_eq!(own("[::]:8080"), "[::1]:8080");
        assert_eq!(own("192.0.2.7:80"), "192.0.2.7:80");
    }
}
