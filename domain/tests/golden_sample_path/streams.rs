//! Random numbers that any language can reproduce: SplitMix64 as a counter, 53 bits of each word.
//!
//! One stream per purpose, so that policies are compared on the same arrivals, services and patience.
//! Invariant: the i-th number of a stream depends on the seed and i only.

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// Uniform numbers in [0, 1).
pub(crate) fn uniform(seed: u64) -> impl Iterator<Item = f64> {
    (1u64..).map(move |i| {
        (mixed(seed.wrapping_add(i.wrapping_mul(GOLDEN_GAMMA))) >> 11) as f64 * 2f64.powi(-53)
    })
}

/// Exponential numbers with that rate.
pub(crate) fn exponential(seed: u64, rate: f64) -> impl Iterator<Item = f64> {
    uniform(seed).map(move |u| -(-u).ln_1p() / rate)
}

fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
