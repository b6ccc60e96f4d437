//! How fast the log's time passes, and how far it has got.
//!
//! The clock of the replay is set by hand at every speed; a pace only sleeps between two steps.
//! Invariant: the speed changes nothing but the time the replay takes.

use std::str::FromStr;
use std::time::Duration;

use domain::Timestamp;
use indicatif::ProgressBar;
use tokio::time::Instant;

use crate::progress::bar;

/// How many times faster than the log.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Speed {
    Max,
    Times(f64),
}

impl FromStr for Speed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "max" {
            return Ok(Self::Max);
        }
        match text.parse::<f64>() {
            Ok(times) if times.is_finite() && times > 0.0 => Ok(Self::Times(times)),
            Ok(_) | Err(_) => {
                Err("give a number above 0, such as 60 for a minute in each second, or max"
                    .to_owned())
            }
        }
    }
}

/// Sleeps until a step is due, and shows how many are done where somebody watches.
pub(super) struct Pace {
    speed: Speed,
    begun: Instant,
    first: Timestamp,
    bar: ProgressBar,
}

impl Pace {
    pub(super) fn new(speed: Speed, first: Timestamp, steps: usize) -> Self {
        let bar = bar(u64::try_from(steps).unwrap_or(u64::MAX));
        Self { speed, begun: Instant::now(), first, bar }
    }

    /// Returns when `at` of the log is due.
    pub(super) async fn until(&self, at: Timestamp) {
        if let Speed::Times(times) = self.speed {
            let passed = Duration::from_secs_f64(super::waits::seconds(self.first, at) / times);
            tokio::time::sleep_until(self.begun + passed).await;
        }
    }

    /// One step more is done, on that day.
    pub(super) fn stepped(&self, at: Timestamp) {
        if self.bar.position().is_multiple_of(256) {
            self.bar.set_message(at.to_jiff().strftime("%Y-%m-%d").to_string());
        }
        self.bar.inc(1);
    }

    pub(super) fn finished(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_number_above_zero_or_max() {
        assert_eq!("max".parse(), Ok(Speed::Max));
        assert_eq!("2.5".parse(), Ok(Speed::Times(2.5)));
        for wrong in ["0", "-1", "fast", "inf", "NaN", ""] {
            assert!(wrong.parse::<Speed>().is_err(), "{wrong}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_of_the_log_takes_a_second_at_sixty_times() {
        let pace = Pace::new(Speed::Times(60.0), Timestamp::from_secs(0), 1);
        let begun = Instant::now();
        pace.until(Timestamp::from_secs(60)).await;
        assert_eq!(begun.elapsed().as_secs(), 1);
    }
}
