//! Health, alerts and remedies, told as examples and tried on random days.
//!
//! Invariant: each property below was seen failing once with the rule it checks broken.

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_secs(1_800_000_000);

fn quiet() -> Vitals {
    Vitals {
        at: START,
        waiting: 0,
        joined: 0,
        capacity: Some(100),
        longest_wait: Secs(0),
        target: Secs(600),
        late: 0,
        serving: 2,
        on_break: 0,
        service: Secs(300),
    }
}

#[test]
fn a_queue_without_people_has_every_point_even_when_nobody_serves() {
    assert_eq!(health(&quiet()).score, 100);
    let closed = health(&Vitals { serving: 0, ..quiet() });
    assert_eq!((closed.score, closed.level, closed.lost), (100, Level::Good, vec![]));
}

#[test]
fn each_factor_takes_its_points() {
    let waiting = Vitals { waiting: 6, joined: 75, longest_wait: Secs(750), late: 3, ..quiet() };
    let found = health(&waiting);
    // 125 % of the target: 75/150 of 35; 75 % full: half of 25; half late: half of 25; 3 each: none.
    let lost = [(Factor::LongWait, 17), (Factor::NearCapacity, 12), (Factor::BeyondTarget, 12)];
    assert_eq!((found.lost.as_slice(), found.score, found.level), (&lost[..], 59, Level::Strained));
}

#[test]
fn people_whom_nobody_serves_are_never_well() {
    let found = health(&Vitals { waiting: 1, joined: 1, serving: 0, ..quiet() });
    assert_eq!((found.score, found.level), (UNSERVED_MAX, Level::Critical));
    assert_eq!(found.lost, [(Factor::NobodyServing, STAFFING)]);
}

#[test]
fn a_queue_is_judged_by_both_thresholds() {
    let rules = AlertRules::default();
    let fill = |joined| rules.signal(AlertKind::Capacity, &Vitals { joined, ..quiet() });
    assert_eq!(
        (fill(90), fill(89), fill(80), fill(79)),
        (Signal::Bad, Signal::Between, Signal::Between, Signal::Good)
    );
    let late =
        |waiting, late| rules.signal(AlertKind::SlaBreach, &Vitals { waiting, late, ..quiet() });
    assert_eq!(
        (late(10, 3), late(10, 2), late(10, 1)),
        (Signal::Bad, Signal::Between, Signal::Good)
    );
    assert_eq!(late(4, 4), Signal::Between, "too few to speak of a share");
    let wait = |secs| {
        let vitals = Vitals { waiting: 1, longest_wait: Secs(secs), ..quiet() };
        rules.signal(AlertKind::WaitOverTwiceTarget, &vitals)
    };
    assert_eq!((wait(1_200), wait(1_199), wait(899)), (Signal::Bad, Signal::Between, Signal::Good));
    let served = |serving| {
        rules.signal(AlertKind::NobodyServing, &Vitals { waiting: 1, serving, ..quiet() })
    };
    assert_eq!((served(0), served(1)), (Signal::Bad, Signal::Good));
}

#[test]
fn waits_grow_by_themselves_while_somebody_waits() {
    let later = START.after(Secs(100));
    assert_eq!(quiet().aged(later).longest_wait, Secs(0));
    let waiting = Vitals { waiting: 1, longest_wait: Secs(20), ..quiet() };
    assert_eq!(waiting.aged(later).longest_wait, Secs(120));
    assert_eq!(waiting.aged(later).aged(later).longest_wait, Secs(120));
}

#[test]
fn the_effect_of_a_remedy_is_computed() {
    let vitals = Vitals { waiting: 8, ..quiet() };
    let p50 = |serving| remedy::forecast(&vitals, serving);
    // The exact median of gamma(9, 60 s) is 520.1 s.
    assert_eq!(p50(5), Some(Secs(520)));
    let remedy = Remedy::of(AlertKind::SlaBreach, &vitals);
    // With 5 agents the 9 gaps of 60 s take 520 s, with 4 agents 650 s: three more are the fewest.
    let expected = Remedy::OpenCounters { more: 3, wait_before: p50(2), wait_after: p50(5) };
    assert_eq!(remedy, expected);
    assert_eq!(remedy.to_string(), "open 3 more counters: forecast p50 wait 22 → 9 min");
    let unserved = Vitals { serving: 0, on_break: 2, ..vitals };
    let remedy = Remedy::of(AlertKind::NobodyServing, &unserved);
    assert_eq!(remedy, Remedy::EndBreak { on_break: 2, wait_after: p50(1) });
    assert_eq!(
        remedy.to_string(),
        "ask one of the 2 agents on break to serve: forecast p50 wait 44 min"
    );
}

#[test]
fn rules_on_the_wrong_side_of_their_pair_are_refused() {
    let sound = AlertRules::default();
    assert_eq!(sound.check(), Ok(()));
    for (field, rules) in [
        ("capacity_percent", AlertRules { capacity_percent: 101, ..sound }),
        ("capacity_clear_percent", AlertRules { capacity_clear_percent: 90, ..sound }),
        ("within_target_percent", AlertRules { within_target_percent: 100, ..sound }),
        ("within_target_clear_percent", AlertRules { within_target_clear_percent: 80, ..sound }),
        ("within_target_people", AlertRules { within_target_people: 0, ..sound }),
        ("wait_percent", AlertRules { wait_percent: 49, ..sound }),
        ("wait_clear_percent", AlertRules { wait_clear_percent: 200, ..sound }),
        ("raise_after_seconds", AlertRules { raise_after_seconds: 3_601, ..sound }),
        ("clear_after_seconds", AlertRules { clear_after_seconds: 0, ..sound }),
    ] {
        assert_eq!(rules.check().map_err(|fault| fault.field), Err(field));
    }
}

fn vitals() -> impl Strategy<Value = Vitals> {
    (0..200_u32, 0..50_u32, 1..300_u32, 0..5_000_u32, 0..200_u32, 0..8_u32).prop_map(
        |(waiting, remote, capacity, longest, late, serving)| Vitals {
            waiting,
            joined: waiting + remote,
            capacity: Some(capacity),
            longest_wait: Secs(if waiting == 0 { 0 } else { longest }),
            late: late.min(waiting),
            serving,
            ..quiet()
        },
    )
}

fn signals() -> impl Strategy<Value = Vec<(u32, Signal)>> {
    let signal = prop_oneof![Just(Signal::Bad), Just(Signal::Between), Just(Signal::Good)];
    prop::collection::vec((0..40_u32, signal), 1..200)
}

proptest! {
    #[test]
    fn a_score_is_what_is_left_of_a_hundred(vitals in vitals()) {
        let found = health(&vitals);
        let lost: u32 = found.lost.iter().map(|(_, points)| points).sum();
        prop_assert!(found.score <= 100 - lost);
        prop_assert!(found.score == 100 - lost || vitals.serving == 0);
        prop_assert_eq!(found.level, Level::of(found.score));
    }

    #[test]
    fn nothing_that_gets_worse_adds_a_point(vitals in vitals(), more in 1..50_u32) {
        let worse = [
            Vitals { longest_wait: vitals.longest_wait + Secs(more), ..vitals },
            Vitals { joined: vitals.joined + more, ..vitals },
            Vitals { late: (vitals.late + more).min(vitals.waiting), ..vitals },
            Vitals { serving: vitals.serving.saturating_sub(more), ..vitals },
        ];
        for worse in worse {
            prop_assert!(health(&worse).score <= health(&vitals).score, "{:?}", worse);
        }
    }

    /// No flapping: turns alternate, each was preceded by its whole time of nothing but its signal, and so two turns are
    /// never closer than the shorter of the two times.
    #[test]
    fn an_alert_never_flaps(looks in signals(), raise in 0..120_u32, clear in 1..120_u32) {
        let rules = AlertRules { raise_after_seconds: raise, clear_after_seconds: clear, ..AlertRules::default() };
        let (mut watch, mut now, mut since) = (Watch::Calm, START, None::<(Signal, Timestamp)>);
        let (mut raised, mut last) = (false, None::<Timestamp>);
        for (gap, signal) in looks {
            now = now.after(Secs(gap));
            since = Some(since.filter(|(before, _)| *before == signal).unwrap_or((signal, now)));
            let (next, turn) = watch.look(signal, now, &rules);
            watch = next;
            let Some(turn) = turn else { continue };
            let (wanted, held) = match turn {
                Turn::Raise => (Signal::Bad, raise),
                Turn::Clear => (Signal::Good, clear),
            };
            prop_assert_eq!(turn == Turn::Clear, raised, "turns alternate");
            raised = !raised;
            let (signal, from) = since.unwrap();
            prop_assert_eq!(signal, wanted);
            prop_assert!(now.since(from) >= Secs(held));
            prop_assert!(last.is_none_or(|last| now.since(last) >= Secs(raise.min(clear))));
            prop_assert_eq!(watch.is_raised(), raised);
            last = Some(now);
        }
    }

    #[test]
    fn no_figure_is_good_and_bad_and_a_remedy_never_lengthens_the_wait(vitals in vitals()) {
        for kind in AlertKind::OF_A_QUEUE {
            let (before, after) = Remedy::of(*kind, &vitals).waits();
            prop_assert!(before.is_none() || before >= after);
            prop_assert_eq!(before.is_some(), vitals.serving > 0);
        }
    }
}
