//! The golden vectors of the estimator: raw state in, ranges out, labels learnt in between, against the reference.
//!
//! `README.md` says where the vectors come from. Labels come before predictions of the same second, then the order of
//! the file. Invariant: every quantile of every row agrees to a millionth.
#![allow(clippy::unwrap_used, reason = "vectors that cannot be read are a failed test")]

use std::collections::HashMap;
use std::io::Read as _;

use domain::{ClassKey, Model, Readings, Snapshot, Timestamp, View};
use flate2::read::GzDecoder;

const VECTORS: &[u8] = include_bytes!("vectors.csv.gz");
const ROWS: usize = 6_766;
const TOLERANCE: f64 = 1e-6;

/// One line of the file by column.
struct Row(HashMap<&'static str, String>);

impl Row {
    fn number(&self, column: &str) -> f64 {
        self.0[column].parse().unwrap()
    }

    fn count(&self, column: &str) -> u32 {
        self.0[column].parse().unwrap()
    }

    fn class(&self) -> ClassKey {
        ClassKey::new(&self.0["cls"])
    }

    fn view(&self) -> View {
        View {
            live: self.count("kind") == 1,
            elapsed: self.number("elapsed"),
            ahead: self.count("n_ahead"),
            ahead_of_class: self.count("n_cls"),
            others: self.count("n_tot"),
            longest: self.number("hol"),
            busy: self.count("busy"),
            idle_short: self.count("idle_s"),
            idle_long: self.count("idle_l"),
            time_of_day: self.number("tod"),
            priority: self.count("hi") == 1,
        }
    }

    fn readings(&self) -> Readings {
        Readings {
            service: self.number("svc50"),
            service_long: self.number("svcLR"),
            pace: self.number("pace"),
            pace_of_priority: self.number("pace_cls"),
            pace_of_class: self.number("pacec"),
            gap: self.number("gap"),
            gap_of_class: self.number("gapc"),
            leaving: self.number("theta"),
        }
    }
}

fn rows() -> Vec<Row> {
    let mut text = String::new();
    GzDecoder::new(VECTORS).read_to_string(&mut text).unwrap();
    let text: &'static str = text.leak();
    let mut lines = text.lines();
    let columns: Vec<&'static str> = lines.next().unwrap().split(',').collect();
    let row =
        |line: &str| Row(columns.iter().copied().zip(line.split(',').map(str::to_owned)).collect());
    lines.map(row).collect()
}

/// When, label or prediction, which row.
fn steps(rows: &[Row]) -> Vec<(i64, bool, usize)> {
    let mut steps = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        steps.push((row.0["t"].parse().unwrap(), true, at));
        steps.push((row.0["label_t"].parse().unwrap(), false, at));
    }
    steps.sort_unstable();
    steps
}

#[test]
fn every_golden_vector_is_reproduced() {
    let rows = rows();
    assert_eq!(rows.len(), ROWS);
    let mut model = Model::default();
    let mut looks: HashMap<usize, Snapshot> = HashMap::new();
    let mut worst: f64 = 0.0;
    for (at, predicts, index) in steps(&rows) {
        let (row, class) = (&rows[index], rows[index].class());
        if predicts {
            let now = Timestamp::from_secs(at);
            let seen = model.look(&class, &row.view(), &row.readings(), now);
            let found = model.ranged(&seen);
            for (found, column) in [(found.p10, "p10"), (found.p50, "p50"), (found.p90, "p90")] {
                let off = (found / row.number(column) - 1.0).abs();
                assert!(off < TOLERANCE, "row {index}, {column}: {found}, off by {off:e}");
                worst = worst.max(off);
            }
            looks.insert(index, seen);
        } else {
            model.label(&class, &looks[&index], row.number("wait_remaining"));
        }
    }
    assert!(worst > 0.0, "nothing was compared");
}
