//! How much one socket may ask of us, and how long we wait for it.
//!
//! The numbers an operator may change are in [`Limits`](crate::Limits); these are part of the protocol.
//! Invariant: whoever neither reads nor answers is gone within the time that the promises name.

use std::time::Duration;

/// Heartbeats without a sign of life before the peer counts as gone.
pub(crate) const HEARTBEATS_MISSED_MAX: u8 = 2;
/// How long before its expiry a client is asked for a new token.
pub(crate) const REAUTH_BEFORE: Duration = Duration::from_secs(60);
/// How long after its expiry a token still carries a socket: clocks differ, and renewing takes a round trip.
pub(crate) const EXPIRY_GRACE: Duration = Duration::from_secs(30);
/// How long a write may make no progress. With [`FAREWELL`] well below the ten seconds promised.
pub(crate) const STALL_MAX: Duration = Duration::from_secs(5);
/// How long a close frame may take to leave.
pub(crate) const FAREWELL: Duration = Duration::from_secs(2);
/// A restart spreads its farewells over this time, so that not everybody is back in the same instant.
pub(crate) const LEAVE_JITTER: Duration = Duration::from_secs(2);
/// Between two comments on an idle event stream: proxies cut what is silent for 30 s.
pub(crate) const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// Between two looks at whether an agent or a device was disabled: half of the second promised.
pub(crate) const ROSTER_SWEEP: Duration = Duration::from_millis(500);

/// One frame in 20 ms is 50 a second, sustained.
pub(crate) const FRAME_GAP: Duration = Duration::from_millis(20);
/// 250 frames at once: a page that subscribes to 200 topics and asks for some more.
pub(crate) const FRAME_BURST: Duration = Duration::from_secs(5);
/// Refused topics in [`FORBIDDEN_WITHIN`] before the socket is closed: more is somebody trying doors.
pub(crate) const FORBIDDEN_MAX: usize = 10;
/// See [`FORBIDDEN_MAX`].
pub(crate) const FORBIDDEN_WITHIN: Duration = Duration::from_secs(60);
/// Requests of one socket that wait for the one in hand; beyond, nothing more is read from it.
pub(crate) const REQUESTS_WAITING_MAX: usize = 64;

/// Sockets and event streams that have not said who they are, of all clients together. They last five seconds.
pub(crate) const STRANGERS_MAX: usize = 2_048;
/// Of the connections the program takes at once, the share that one tenant's sockets may hold: three quarters.
pub(crate) const fn sockets_per_tenant_max(connections_max: usize) -> usize {
    connections_max / 4 * 3
}

/// Held by every connection while it lives, so small; a longer frame gets room of its own for as long as it takes.
pub(crate) const READ_BUFFER: usize = 1024;
/// Frames are gathered up to this many bytes before they are written. The buffer keeps its largest size.
pub(crate) const WRITE_BUFFER: usize = 4 * 1024;
/// The longest single frame we send. What waits is bounded by the outbox; this only stops our own mistakes.
pub(crate) const WRITE_BUFFER_MAX: usize = 2 * 1024 * 1024;

const _: () =
    assert!(WRITE_BUFFER < WRITE_BUFFER_MAX, "the write buffer may never be full when it is empty");
const _: () = assert!(
    STALL_MAX.as_secs() + FAREWELL.as_secs() < 10,
    "who does not read is gone within ten seconds"
);
