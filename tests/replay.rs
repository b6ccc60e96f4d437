//! Stories about `smartqueue replay`: logs driven through the real program, on both databases.
//!
//! Small logs are made here, with their own little branch; the large one is the synthetic branch of the reference.
//! Invariant: whatever the log, everybody who came is accounted for once.
#![allow(clippy::unwrap_used, reason = "a story that cannot go on ends here")]
#![allow(clippy::print_stdout, reason = "whoever runs the tests must see what was not tested")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use persistence::testing::TestDatabase;
use serde_json::Value;

const HEADER: &str =
    "queue_id,customer_id,class,priority,arrival_ts,called_ts,end_ts,outcome,server_id\n";
/// The log of the reference: 23,568 tickets on 80 days. It lies beside the repository.
const BRANCH: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference/eta/synth_branch.csv.gz");
const BRANCH_TICKETS: u64 = 23_568;
/// Days of it that every run replays.
const DAYS: usize = 3;

/// How a replay ended.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    #[track_caller]
    fn must(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

fn replay(log: &Path, database: &TestDatabase, flags: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_smartqueue"));
    command
        .arg("replay")
        .arg(log)
        .args(["--database", database.url()])
        .args(flags.split_whitespace())
        .env_clear();
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A file for a story.
struct Log(tempfile::TempDir);

impl Log {
    fn of(text: &str) -> Self {
        let log = Self(tempfile::tempdir().unwrap());
        fs::write(log.file(), text).unwrap();
        log
    }

    fn gzipped(text: &str) -> Self {
        let log = Self(tempfile::tempdir().unwrap());
        let mut gzip = GzEncoder::new(fs::File::create(log.file()).unwrap(), Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        gzip.finish().unwrap();
        log
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("log.csv")
    }
}

/// A branch of three servers over two days, first come, first served; people lose patience after half an hour.
fn branch_log() -> String {
    let mut draws = Draws(11);
    let mut log = HEADER.to_owned();
    for day in [6, 7] {
        let mut free = [0_u32; 3];
        let mut now = 0;
        for customer in 0..90 {
            now += draws.below(240);
            let class = if draws.below(4) == 0 { "L" } else { "T" };
            let priority = if draws.below(6) == 0 { "high" } else { "normal" };
            // The third server knows only one class.
            let able = if class == "L" { 2 } else { 3 };
            let server = (0..able).min_by_key(|server| free[*server]).unwrap();
            let (called, length) = (now.max(free[server]), 60 + draws.below(900));
            write!(log, "q,d{day}c{customer},{class},{priority},{},", time(day, now)).unwrap();
            if called - now > 1_800 {
                writeln!(log, ",{},abandoned,", time(day, now + 1_800)).unwrap();
                continue;
            }
            let (outcome, length) =
                if draws.below(20) == 0 { ("no_show", 45) } else { ("served", length) };
            free[server] = called + length + draws.below(20);
            let (called, ended) = (time(day, called), time(day, called + length));
            writeln!(log, "{called},{ended},{outcome},K{server}").unwrap();
        }
    }
    log
}

fn time(day: u32, second: u32) -> String {
    let (hour, minute) = (9 + second / 3_600, second / 60 % 60);
    format!("2025-01-{day:02}T{hour:02}:{minute:02}:{:02}", second % 60)
}

/// Numbers that look random enough.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.0 >> 33) % u64::from(bound)).unwrap()
    }
}

#[track_caller]
fn everybody_is_accounted_for(report: &Value, tickets: u64) {
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("arrived"), tickets, "{report:#}");
    let ended = count("served") + count("abandoned") + count("no_show") + count("still_waiting");
    assert_eq!(ended, tickets, "{report:#}");
    assert_eq!((count("lost"), count("doubled"), count("skipped_rows")), (0, 0, 0), "{report:#}");
    for waits in ["wait_seconds", "log_wait_seconds"] {
        for figure in ["p50", "p90", "p95", "p99", "mean"] {
            assert!(report[waits][figure].as_f64().unwrap() >= 0.0, "{report:#}");
        }
    }
}

/// A file, and PostgreSQL where there is one.
async fn databases() -> Vec<TestDatabase> {
    [Some(TestDatabase::sqlite()), TestDatabase::postgres().await].into_iter().flatten().collect()
}

#[tokio::test]
async fn a_branch_comes_through_whole_on_both_databases() {
    let log = Log::gzipped(&branch_log());
    for database in databases().await {
        let ran = replay(&log.file(), &database, "--tenant branch --json").must(0);
        let report = ran.json();
        everybody_is_accounted_for(&report, 180);
        assert!(report["served"].as_u64().unwrap() > 100, "{report:#}");
        assert!(!ran.stderr.contains("after their time"), "{}", ran.stderr);
    }
}

/// The first days of the reference's log; all eighty of them, which take minutes in a debug build, when
/// `SMARTQUEUE_TEST_WHOLE_LOG` is set.
fn the_large_log_comes_through(database: &TestDatabase) {
    if !Path::new(BRANCH).exists() {
        println!("skipped: the log of the reference is not here");
        return;
    }
    let whole = std::env::var_os("SMARTQUEUE_TEST_WHOLE_LOG").is_some();
    let text = first_days(if whole { usize::MAX } else { DAYS });
    let tickets = u64::try_from(text.lines().count() - 1).unwrap();
    assert!(!whole || tickets == BRANCH_TICKETS, "the log has {tickets} tickets");
    let log = Log::gzipped(&text);
    let ran = replay(&log.file(), database, "--tenant branch --json").must(0);
    everybody_is_accounted_for(&ran.json(), tickets);
    assert!(!ran.stderr.contains("after their time"), "{}", ran.stderr);
}

/// The header and the rows of the log's first `days`.
fn first_days(days: usize) -> String {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(BRANCH).unwrap()).read_to_string(&mut text).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let mut seen = BTreeSet::new();
    let kept = rows.lines().filter(|row| {
        let day = row.split(',').nth(4).and_then(|arrival| arrival.get(..10)).unwrap();
        seen.insert(day);
        seen.len() <= days
    });
    let kept: Vec<&str> = kept.collect();
    format!("{header}\n{}\n", kept.join("\n"))
}

#[test]
fn the_large_log_comes_through_whole_on_sqlite() {
    the_large_log_comes_through(&TestDatabase::sqlite());
}

#[tokio::test]
async fn the_large_log_comes_through_whole_on_postgresql() {
    if let Some(database) = TestDatabase::postgres().await {
        the_large_log_comes_through(&database);
    }
}

/// One server; c2 outranks c1, c3 gives up, c4 does not come, and c5 is still there in the evening.
const ONE_MORNING: &str = "\
q,c0,T,normal,2025-01-06T09:00:00,2025-01-06T09:00:00,2025-01-06T09:10:00,served,K0
q,c1,T,normal,2025-01-06T09:01:00,2025-01-06T09:10:00,2025-01-06T09:20:00,served,K0
q,c2,T,high,2025-01-06T09:02:00,2025-01-06T09:20:00,2025-01-06T09:30:00,served,K0
q,c3,T,normal,2025-01-06T09:03:00,,2025-01-06T09:15:00,abandoned,
q,c4,T,normal,2025-01-06T09:04:00,2025-01-06T09:30:00,2025-01-06T09:31:00,no_show,K0
q,c5,T,normal,2025-01-06T09:05:00,,2025-01-06T17:30:00,abandoned,
";

#[test]
fn the_policy_chooses_whom_a_server_gets_and_waits_stand_beside_the_logs_own() {
    let database = TestDatabase::sqlite();
    let log = Log::of(&format!("{HEADER}{ONE_MORNING}"));
    let report = replay(&log.file(), &database, "--tenant morning --json").must(0).json();
    everybody_is_accounted_for(&report, 6);
    let counts = ["served", "abandoned", "no_show"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(counts, [3, 2, 1]);
    // Waits of the log: 0, 540, 1080, 1560 s. Here c2 is called at 09:10 and c1 at 09:20: 0, 480, 1140, 1560 s.
    assert_eq!(
        [&report["log_wait_seconds"]["p50"], &report["log_wait_seconds"]["mean"]],
        [540.0, 795.0]
    );
    assert_eq!([&report["wait_seconds"]["p50"], &report["wait_seconds"]["mean"]], [480.0, 795.0]);
}

#[test]
fn people_read_a_table() {
    let log = Log::of(&format!("{HEADER}{ONE_MORNING}"));
    let ran = replay(&log.file(), &TestDatabase::sqlite(), "--tenant morning").must(0);
    for line in [
        "replayed         log",
        "arrived                    6           6",
        "lost                       0",
    ] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
}

#[test]
fn a_bad_row_is_told_and_left_out_or_stops_everything() {
    let log = Log::of(&format!(
        "{HEADER}{ONE_MORNING}q,c6,T,urgent,2025-01-06T09:06:00,,2025-01-06T09:07:00,abandoned,\n"
    ));
    let database = TestDatabase::sqlite();
    let strict = replay(&log.file(), &database, "--tenant t --strict").must(2);
    assert!(strict.stderr.contains("line 8, column priority: is \"urgent\""), "{}", strict.stderr);
    assert_eq!(strict.stdout, "");
    let lenient = replay(&log.file(), &database, "--tenant t --json").must(0);
    assert!(lenient.stderr.contains("skipped: line 8, column priority"), "{}", lenient.stderr);
    assert_eq!(
        (lenient.json()["arrived"].as_u64(), lenient.json()["skipped_rows"].as_u64()),
        (Some(6), Some(1))
    );
}

#[test]
fn what_is_no_log_is_refused_before_anything_is_changed() {
    let database = TestDatabase::sqlite();
    let without =
        Log::of("queue_id,customer_id,class,priority,arrival_ts,called_ts,end_ts,outcome\n");
    let ran = replay(&without.file(), &database, "--tenant t").must(2);
    assert!(ran.stderr.contains("column server_id is missing"), "{}", ran.stderr);
    let empty = replay(&Log::of(HEADER).file(), &database, "--tenant t").must(2);
    assert!(empty.stderr.contains("holds no row"), "{}", empty.stderr);
    replay(Path::new("nowhere.csv"), &database, "--tenant t").must(4);
    replay(&without.file(), &database, "--tenant t --speed 0").must(2);
}

#[test]
fn a_log_is_not_replayed_over_itself_but_its_continuation_is() {
    let database = TestDatabase::sqlite();
    let (january, february) =
        (format!("{HEADER}{ONE_MORNING}"), ONE_MORNING.replace("2025-01", "2025-02"));
    let first = Log::of(&january);
    replay(&first.file(), &database, "--tenant t --json").must(0);
    let again = replay(&first.file(), &database, "--tenant t --json").must(2);
    assert!(
        again.stderr.contains("already has tickets from 2025-01-06T09:00:00Z on"),
        "{}",
        again.stderr
    );
    replay(&first.file(), &database, "--tenant other --json").must(0);
    let next =
        replay(&Log::of(&format!("{HEADER}{february}")).file(), &database, "--tenant t --json")
            .must(0);
    everybody_is_accounted_for(&next.json(), 6);
}

#[tokio::test]
async fn a_database_in_use_is_left_alone() {
    let log = Log::of(&format!("{HEADER}{ONE_MORNING}"));
    for database in databases().await {
        let store = database.open().await;
        let ran = replay(&log.file(), &database, "--tenant t").must(3);
        assert!(ran.stderr.contains("in use"), "{}", ran.stderr);
        store.close().await;
    }
}

#[test]
fn a_speed_is_only_a_matter_of_patience() {
    let log = Log::of(&format!("{HEADER}{ONE_MORNING}"));
    let fast = replay(&log.file(), &TestDatabase::sqlite(), "--tenant t --json").must(0).json();
    // The last step is at 17:30, half a day later: a third of a second.
    let slow = replay(&log.file(), &TestDatabase::sqlite(), "--tenant t --json --speed 100000")
        .must(0)
        .json();
    assert_eq!(fast, slow);
}
