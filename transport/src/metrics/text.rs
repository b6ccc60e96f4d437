//! The text that scrapers read: Prometheus' format 0.0.4, written line by line.
//!
//! Labels come as text that is complete already, such as `actor="queue"`; an empty one is none.
//! Invariant: a metric's lines stand together, behind its help and its type.

use std::fmt::{Display, Write as _};

use actors::Histogram;

#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn finish(self) -> String {
        self.0
    }

    fn begin(&mut self, name: &str, help: &str, kind: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: impl Display) {
        // Writing into a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }

    fn value(&mut self, name: &str, labels: &str, value: impl Display) {
        match labels {
            "" => self.line(format_args!("{name} {value}")),
            _ => self.line(format_args!("{name}{{{labels}}} {value}")),
        }
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, values: &[(impl AsRef<str>, u64)]) {
        self.begin(name, help, "counter");
        values.iter().for_each(|(labels, value)| self.value(name, labels.as_ref(), value));
    }

    pub(super) fn gauge(&mut self, name: &str, help: &str, value: u64) {
        self.gauges(name, help, &[("", value)]);
    }

    pub(super) fn gauges(&mut self, name: &str, help: &str, values: &[(impl AsRef<str>, u64)]) {
        self.begin(name, help, "gauge");
        values.iter().for_each(|(labels, value)| self.value(name, labels.as_ref(), value));
    }

    /// `unit`: how many of what was recorded make one of what is told.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        help: &str,
        unit: u64,
        series: &[(String, &Histogram)],
    ) {
        self.begin(name, help, "histogram");
        for (labels, histogram) in series {
            let (cumulative, all, sum) = histogram.read();
            let comma = if labels.is_empty() { "" } else { "," };
            let bucket = format!("{name}_bucket");
            for (bound, below) in cumulative {
                let labels = format!("{labels}{comma}le=\"{}\"", in_units(bound, unit));
                self.value(&bucket, &labels, below);
            }
            self.value(&bucket, &format!("{labels}{comma}le=\"+Inf\""), all);
            self.value(&format!("{name}_sum"), labels, in_units(sum, unit));
            self.value(&format!("{name}_count"), labels, all);
        }
    }
}

/// As a decimal number, without the rounding of floats.
fn in_units(value: u64, unit: u64) -> String {
    if unit == 1 {
        return value.to_string();
    }
    let digits = usize::try_from(unit.ilog10()).unwrap_or_default();
    let text = format!("{}.{:0digits$}", value / unit, value % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_is_told_in_its_unit() {
        let histogram = Histogram::new(&[500, 1_000_000]);
        [250, 2_500_000].into_iter().for_each(|micros| histogram.record(micros));
        let mut text = Text::default();
        text.histogram("x_seconds", "X.", 1_000_000, &[("a=\"b\"".to_owned(), &histogram)]);
        let expected = "# HELP x_seconds X.\n# TYPE x_seconds histogram\n\
            x_seconds_bucket{a=\"b\",le=\"0.0005\"} 1\nx_seconds_bucket{a=\"b\",le=\"1\"} 1\n\
            x_seconds_bucket{a=\"b\",le=\"+Inf\"} 2\nx_seconds_sum{a=\"b\"} 2.50025\nx_seconds_count{a=\"b\"} 2\n";
        assert_eq!(text.finish(), expected);
    }
}
