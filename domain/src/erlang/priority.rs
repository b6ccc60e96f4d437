//! Mean waits by class where classes share counters and a service rate: strict priority and accumulating priority.
//!
//! Cobham's formula for strict ranks, Kleinrock's for priority that grows with the wait.
//! Invariant: the load-weighted mean of the waits is that of first come, first served: order only moves waiting.

use super::delay_share;

/// Mean waits under strict priority without interruption, first rank first; none when the line grows without end.
pub fn mean_waits_by_rank(
    arrival_rates: &[f64],
    service_rate: f64,
    counters: u32,
) -> Option<Vec<f64>> {
    let residual = residual(arrival_rates, service_rate, counters)?;
    let mut before = 0.0;
    let wait = |rate: &f64| {
        let with = before + rate / (f64::from(counters) * service_rate);
        let wait = residual / ((1.0 - before) * (1.0 - with));
        before = with;
        wait
    };
    Some(arrival_rates.iter().map(wait).collect())
}

/// Mean waits under accumulating priority; classes are (arrival rate, slope) in the order of ascending slopes, none of
/// them zero. None when the line grows without end.
pub fn mean_waits_by_slope(
    classes: &[(f64, f64)],
    service_rate: f64,
    counters: u32,
) -> Option<Vec<f64>> {
    let rates: Vec<f64> = classes.iter().map(|(rate, _)| *rate).collect();
    let residual = residual(&rates, service_rate, counters)?;
    let load = |rate: f64| rate / (f64::from(counters) * service_rate);
    let fair = residual / (1.0 - load(rates.iter().sum()));
    let mut waits: Vec<f64> = Vec::with_capacity(classes.len());
    for (at, (_, slope)) in classes.iter().enumerate() {
        let slower = classes.iter().zip(&waits);
        let gained: f64 =
            slower.map(|((rate, other), wait)| load(*rate) * wait * (1.0 - other / slope)).sum();
        let faster = classes.iter().skip(at + 1);
        let lost: f64 = faster.map(|(rate, other)| load(*rate) * (1.0 - slope / other)).sum();
        waits.push((fair - gained) / (1.0 - lost));
    }
    Some(waits)
}

/// The mean time until the next counter is free, for one who comes; none when the line grows without end.
fn residual(arrival_rates: &[f64], service_rate: f64, counters: u32) -> Option<f64> {
    let load = arrival_rates.iter().sum::<f64>() / service_rate;
    let serving = f64::from(counters) * service_rate;
    (load < f64::from(counters)).then(|| delay_share(counters, load) / serving)
}
