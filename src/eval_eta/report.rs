//! The outcome of an evaluation, as data and as a table for people.
//!
//! Only the model promises a range, so only it has a coverage and an interval score.
//! Invariant: a predictor without a scored ticket is left without figures, never with zeroes.

use std::fmt;

use serde::Serialize;

use super::formulas::NAMES;
use super::score::{Errors, Scores};

/// Times in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    /// Rows of the log that were gone through.
    pub(crate) rows: usize,
    pub(crate) predictors: Vec<Line>,
}

/// One predictor at one kind of moment.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Line {
    pub(crate) name: &'static str,
    /// `arrival` or `live`.
    pub(crate) kind: &'static str,
    /// Predictions scored.
    pub(crate) n: usize,
    /// Mean, root mean square and median of the absolute error.
    pub(crate) mae: Option<f64>,
    pub(crate) rmse: Option<f64>,
    pub(crate) mdae: Option<f64>,
    /// Mean of predicted less waited.
    pub(crate) bias: Option<f64>,
    /// Per cent of waits inside P10 to P90.
    pub(crate) coverage80: Option<f64>,
    /// Interval score of that range; lower is better.
    pub(crate) winkler: Option<f64>,
}

impl Report {
    pub(super) fn new(rows: usize, scores: Scores) -> Self {
        let kinds = ["arrival", "live"].into_iter().zip(&scores.kinds);
        let lines = kinds.flat_map(|(kind, errors)| {
            NAMES.into_iter().enumerate().map(move |(at, name)| line(name, kind, at, errors))
        });
        Self { rows, predictors: lines.collect() }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a log has fewer rows than a float has digits")]
fn line(name: &'static str, kind: &'static str, at: usize, errors: &Errors) -> Line {
    let of = &errors.of[at];
    let count = of.len() as f64;
    let mean = |sum: f64| (!of.is_empty()).then(|| rounded(sum / count));
    let mut sizes: Vec<f64> = of.iter().map(|error| error.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let has_range = at == 0;
    Line {
        name,
        kind,
        n: of.len(),
        mae: mean(sizes.iter().sum()),
        rmse: (!of.is_empty())
            .then(|| rounded((of.iter().map(|error| error * error).sum::<f64>() / count).sqrt())),
        mdae: median(&sizes).map(rounded),
        bias: mean(of.iter().sum()),
        coverage80: has_range.then(|| mean(100.0 * errors.inside as f64)).flatten(),
        winkler: has_range.then(|| mean(errors.winkler)).flatten(),
    }
}

/// Of ascending values.
fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let upper = sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(*upper);
    }
    sorted.get(half.checked_sub(1)?).map(|lower| f64::midpoint(*lower, *upper))
}

/// To a hundredth.
fn rounded(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let titles = ["MAE", "RMSE", "MdAE", "bias", "cover %", "Winkler"];
        write!(f, "{:<9}{:<15}{:>9}", "", "seconds", "n")?;
        titles.iter().try_for_each(|title| write!(f, "{title:>10}"))?;
        for line in &self.predictors {
            write!(f, "\n{:<9}{:<15}{:>9}", line.kind, line.name, line.n)?;
            let figures =
                [line.mae, line.rmse, line.mdae, line.bias, line.coverage80, line.winkler];
            for figure in figures {
                match figure {
                    Some(figure) => write!(f, "{figure:>10.1}")?,
                    None => write!(f, "{:>10}", "-")?,
                }
            }
        }
        write!(f, "\n{:<24}{:>9}", "rows", self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_in_the_middle() {
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[4.0]), Some(4.0));
        assert_eq!(median(&[1.0, 2.0, 6.0]), Some(2.0));
        assert_eq!(median(&[1.0, 2.0, 6.0, 9.0]), Some(4.0));
    }
}
