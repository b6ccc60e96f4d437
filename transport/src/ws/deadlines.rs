//! What a session must do by when: ping, insist on a sign-in, ask for a new token, end, leave.
//!
//! One timer serves all of them: it is set to the earliest. Plain data, told the time by the session.
//! Invariant: a deadline fires once and is then gone or moved; only the heartbeat comes again by itself.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::{EXPIRY_GRACE, REAUTH_BEFORE};

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    /// Send a ping, unless too many went unanswered.
    Heartbeat,
    /// The first token did not come.
    NoAuth,
    /// Ask for a new token.
    Reauth,
    /// The token ended and no other came.
    Expired,
    /// The program stops: say goodbye.
    Leave,
}

/// The deadlines of one session.
#[derive(Debug)]
pub(crate) struct Deadlines {
    between_heartbeats: Duration,
    heartbeat: Instant,
    sign_in: Option<Instant>,
    reauth: Option<Instant>,
    expiry: Option<Instant>,
    leave: Option<Instant>,
}

impl Deadlines {
    /// A socket that must sign in by `sign_in`. Its first heartbeat comes at `phase` (0 to 1) of the time between
    /// two, so that sockets do not beat in step.
    pub(crate) fn new(
        now: Instant,
        sign_in: Instant,
        between_heartbeats: Duration,
        phase: f32,
    ) -> Self {
        let heartbeat = now + between_heartbeats.mul_f32(phase.clamp(0.0, 1.0));
        Self {
            between_heartbeats,
            heartbeat,
            sign_in: Some(sign_in),
            reauth: None,
            expiry: None,
            leave: None,
        }
    }

    /// The socket is signed in until `expires`.
    pub(crate) fn signed_in(&mut self, now: Instant, expires: Instant) {
        self.sign_in = None;
        self.reauth = Some(expires.checked_sub(REAUTH_BEFORE).unwrap_or(now).max(now));
        self.expiry = Some(expires + EXPIRY_GRACE);
    }

    /// Whole seconds until the token ends, without the grace.
    pub(crate) fn reauth_seconds(&self, now: Instant) -> u64 {
        let left = self.expiry.map_or(EXPIRY_GRACE, |expiry| expiry.saturating_duration_since(now));
        left.saturating_sub(EXPIRY_GRACE).as_secs()
    }

    /// The program stops; this socket is told at `at`.
    pub(crate) fn leave_at(&mut self, at: Instant) {
        self.leave = Some(at);
    }

    /// Whether the end is decided.
    pub(crate) const fn is_leaving(&self) -> bool {
        self.leave.is_some()
    }

    /// When to look again.
    pub(crate) fn next(&self) -> Instant {
        [self.sign_in, self.reauth, self.expiry, self.leave]
            .into_iter()
            .flatten()
            .fold(self.heartbeat, Instant::min)
    }

    /// One thing that is due at `now`; the gravest first.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<Due> {
        let due = |at: &mut Option<Instant>| at.take_if(|at| *at <= now).is_some();
        if due(&mut self.expiry) {
            Some(Due::Expired)
        } else if due(&mut self.sign_in) {
            Some(Due::NoAuth)
        } else if due(&mut self.leave) {
            Some(Due::Leave)
        } else if due(&mut self.reauth) {
            Some(Due::Reauth)
        } else if self.heartbeat <= now {
            self.heartbeat = now + self.between_heartbeats;
            Some(Due::Heartbeat)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEARTBEAT: Duration = Duration::from_secs(20);

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn who_does_not_sign_in_is_due_after_five_seconds() {
        let start = Instant::now();
        let mut deadlines = Deadlines::new(start, start + secs(5), HEARTBEAT, 1.0);
        assert_eq!(deadlines.next(), start + secs(5));
        assert_eq!(deadlines.take_due(start + secs(4)), None);
        assert_eq!(deadlines.take_due(start + secs(5)), Some(Due::NoAuth));
    }

    #[test]
    fn a_token_is_asked_for_a_minute_before_its_end_and_carries_half_a_minute_beyond() {
        let start = Instant::now();
        let mut deadlines = Deadlines::new(start, start + secs(5), HEARTBEAT, 1.0);
        deadlines.signed_in(start, start + secs(600));
        let mut seen = Vec::new();
        for second in 0..700 {
            let now = start + secs(second);
            while let Some(due) = deadlines.take_due(now) {
                if due != Due::Heartbeat {
                    seen.push((second, due));
                }
            }
        }
        assert_eq!(seen, [(540, Due::Reauth), (630, Due::Expired)]);
    }

    #[test]
    fn a_renewed_token_moves_both_and_a_short_one_is_asked_for_at_once() {
        let start = Instant::now();
        let mut deadlines = Deadlines::new(start, start + secs(5), HEARTBEAT, 1.0);
        deadlines.signed_in(start, start + secs(30));
        assert_eq!(deadlines.take_due(start), Some(Due::Reauth));
        assert_eq!(deadlines.reauth_seconds(start), 30);
        deadlines.signed_in(start, start + secs(600));
        assert_eq!(deadlines.take_due(start), None);
        assert_eq!(deadlines.next(), start + HEARTBEAT);
    }

    #[test]
    fn heartbeats_go_on_from_their_phase() {
        let start = Instant::now();
        let mut deadlines = Deadlines::new(start, start + secs(5), HEARTBEAT, 0.5);
        deadlines.signed_in(start, start + secs(6_000));
        assert_eq!(deadlines.next(), start + secs(10));
        assert_eq!(deadlines.take_due(start + secs(10)), Some(Due::Heartbeat));
        assert_eq!(deadlines.next(), start + secs(30));
    }
}
