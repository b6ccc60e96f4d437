//! Square-root staffing: counters for a share of people who wait, without the chain.
//!
//! The load plus a margin of its square root (Halfin and Whitt); a second opinion on Erlang's figure.
//! Invariant: never fewer counters than the load needs.

use super::smallest;

/// The largest margin looked for: beyond it one person in a million waits.
const MARGIN_MAX: f64 = 5.0;

/// Counters for a load so that about `wait_share` of the people find none free.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what a u32 holds"
)]
pub fn square_root_staffing(offered_load: f64, wait_share: f64) -> u32 {
    let counters = offered_load + margin(wait_share) * offered_load.max(0.0).sqrt();
    counters.ceil().clamp(0.0, f64::from(u32::MAX)) as u32
}

/// The margin, in square roots of the load, at which that share waits.
fn margin(wait_share: f64) -> f64 {
    smallest(0.0, MARGIN_MAX, |margin| waiting(margin) <= wait_share)
}

/// The share that waits: 1 / (1 + margin × Φ(margin) / φ(margin)).
fn waiting(margin: f64) -> f64 {
    let density = (-margin * margin / 2.0).exp() / std::f64::consts::TAU.sqrt();
    1.0 / (1.0 + margin * (0.5 / density + series(margin)))
}

/// (Φ(x) − 1/2) / φ(x) = x + x³/3 + x⁵/(3·5) + …
fn series(x: f64) -> f64 {
    let (mut term, mut sum, mut odd) = (x, 0.0, 1.0);
    while term > sum * f64::EPSILON {
        sum += term;
        odd += 2.0;
        term *= x * x / odd;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_margins_are_those_of_halfin_and_whitt() {
        for (share, expected) in [(0.5, "0.506"), (0.3, "0.829"), (0.2, "1.062"), (0.1, "1.420")] {
            assert_eq!(format!("{:.3}", margin(share)), expected);
        }
    }

    #[test]
    fn an_empty_branch_needs_nobody() {
        assert_eq!(square_root_staffing(0.0, 0.2), 0);
        assert_eq!(square_root_staffing(4.5, 1.0), 5);
    }
}
