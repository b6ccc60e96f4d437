//! Random numbers that any language can reproduce: SplitMix64 as a counter, 53 bits of each word.
//!
//! One stream per purpose, so that policies are compared on the same arrivals, services and patience.
//! Invariant: the i-th number of a stream depends on the seed and i only.

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;
/// Seeds are this far apart, so that the streams of two never meet in practice.
const SEED_STRIDE: u64 = 1_000_003;

/// Where the streams of a seed begin: arrivals are 1 further, classes 2, services 3, patience 4.
pub(super) const fn base(seed: u64) -> u64 {
    seed.wrapping_mul(SEED_STRIDE)
}

/// Uniform numbers in [0, 1).
pub(super) fn uniform(stream: u64) -> impl Iterator<Item = f64> {
    (1u64..).map(move |i| {
        (mixed(stream.wrapping_add(i.wrapping_mul(GOLDEN_GAMMA))) >> 11) as f64 * 2f64.powi(-53)
    })
}

/// Exponential numbers with that rate; infinite ones for a rate of zero.
pub(super) fn exponential(stream: u64, rate: f64) -> impl Iterator<Item = f64> {
    uniform(stream).map(move |u| if rate > 0.0 { -(-u).ln_1p() / rate } else { f64::INFINITY })
}

fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_streams_begin_as_published() {
        // Both sides are whole numbers below 2^53, so that floating point holds them exactly.
        let published = [0x0007_730b_1783_c51e_u64, 0x0000_0497_7ea1_23df, 0x0016_17df_3d1f_ac44];
        let found: Vec<f64> = uniform(base(1) + 1).take(3).map(|u| u * 2f64.powi(53)).collect();
        assert_eq!(found, published.map(|word| word as f64));
    }
}
