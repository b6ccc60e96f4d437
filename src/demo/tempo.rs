//! How fast simulated people live.
//!
//! All their durations are given in seconds at speed 1 and become shorter by the speed.
//! Invariant: no pause is so short that a simulated person could flood the server.

use std::time::Duration;

/// The shortest pause.
const PAUSE_MIN: Duration = Duration::from_millis(20);
/// The longest pause: an hour of nothing is nobody's demo.
const PAUSE_MAX: Duration = Duration::from_secs(3_600);

/// The speed of the simulation.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tempo(pub(super) f64);

impl Tempo {
    /// As long as `seconds` at this speed.
    pub(super) fn pause(self, seconds: f64) -> Duration {
        let pause = Duration::try_from_secs_f64(seconds / self.0).unwrap_or(PAUSE_MAX);
        pause.clamp(PAUSE_MIN, PAUSE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_shorter_at_a_higher_speed_and_never_nothing() {
        assert_eq!(Tempo(1.0).pause(60.0), Duration::from_secs(60));
        assert_eq!(Tempo(60.0).pause(60.0), Duration::from_secs(1));
        assert_eq!(Tempo(1e9).pause(60.0), PAUSE_MIN);
        assert_eq!(Tempo(1e-9).pause(60.0), PAUSE_MAX);
    }
}
