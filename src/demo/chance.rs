//! Chance with a seed: splitmix64, and the few distributions that the simulated people need.
//!
//! The same seed gives the same people; what happens to them still depends on who is called when.
//! Invariant: no draw is infinite, negative or not a number.

/// A source of chance.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// An independent source for somebody else.
    pub(crate) fn fork(&mut self) -> Self {
        Self(self.bits())
    }

    pub(crate) const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// At least 0 and below 1, in steps of 2⁻⁵³.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit a float exactly")]
    pub(crate) fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.fraction() < probability
    }

    pub(crate) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (-self.fraction()).ln_1p()
    }

    /// Log-normal with that mean and that ratio of standard deviation to mean: how long services take.
    pub(crate) fn log_normal(&mut self, mean: f64, variation: f64) -> f64 {
        let variance = (variation * variation).ln_1p();
        let normal = (-2.0 * (-self.fraction()).ln_1p()).sqrt()
            * (std::f64::consts::TAU * self.fraction()).cos();
        (variance.sqrt().mul_add(normal, mean.ln() - variance / 2.0)).exp()
    }

    /// One of `all`, each as likely as `weight` says.
    pub(crate) fn pick<'a, T>(
        &mut self,
        all: &'a [T],
        weight: impl Fn(&T) -> f64,
    ) -> Option<&'a T> {
        let mut left = self.fraction() * all.iter().map(&weight).sum::<f64>();
        all.iter().find(|one| {
            left -= weight(one);
            left < 0.0
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_splitmix64() {
        let mut chance = Chance::seeded(0);
        assert_eq!([chance.bits(), chance.bits()], [0xe220_a839_7b1d_cdaf, 0x6e78_9e6a_a1b9_65f4]);
    }

    #[test]
    fn means_are_as_asked_for() {
        let mut chance = Chance::seeded(7);
        let mut mean = |draw: fn(&mut Chance) -> f64| {
            (0..40_000).map(|_| draw(&mut chance)).sum::<f64>() / 40_000.0
        };
        assert!((mean(Chance::fraction) - 0.5).abs() < 0.01);
        assert!((mean(|chance| chance.exponential(10.0)) - 10.0).abs() < 0.3);
        assert!((mean(|chance| chance.log_normal(60.0, 0.6)) - 60.0).abs() < 1.5);
    }

    #[test]
    fn a_weight_of_nothing_is_never_picked() {
        let mut chance = Chance::seeded(1);
        let all = [("never", 0.0), ("always", 1.0)];
        assert!(
            (0..1_000).all(|_| chance.pick(&all, |one| one.1).is_some_and(|one| one.0 == "always"))
        );
        assert!(chance.pick(&[] as &[f64], |weight| *weight).is_none());
    }
}
