//! Windows against a list of everything that was ever measured, looked through anew each time.
//!
//! The list is slow and plainly right. Invariant: what the slices say is what the list says, for any day.

use proptest::prelude::*;

use super::*;

/// Close to midnight in Dakar, which is on UTC.
const START: Timestamp = Timestamp::from_secs(1_772_490_600);

fn any_measured() -> impl Strategy<Value = Measured> {
    let secs = || (0..100_000_u32).prop_map(Secs);
    prop_oneof![
        Just(Measured::Arrived),
        (secs(), any::<bool>()).prop_map(|(wait, in_time)| Measured::Called { wait, in_time }),
        secs().prop_map(|walk| Measured::Started { walk }),
        secs().prop_map(|service| Measured::Served { service }),
        any::<bool>().prop_map(|in_time| Measured::Left { in_time }),
        Just(Measured::NoShow),
    ]
}

/// Seconds until something is measured: mostly soon, sometimes after the windows have slid past everything.
fn any_pause() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0..90_u32, 2 => 90..1_200_u32, 1 => 1_200..9_000_u32]
}

fn naive(all: &[(Timestamp, Measured)], holds: impl Fn(Timestamp) -> bool) -> Window {
    let mut window = Window::default();
    all.iter().filter(|(at, _)| holds(*at)).for_each(|(_, measured)| window.record(*measured));
    window
}

proptest! {
    #[test]
    fn a_window_holds_exactly_what_happened_in_its_minutes(
        events in prop::collection::vec((any_pause(), any_measured(), any_pause()), 1..120),
    ) {
        let zone: Zone = "Africa/Dakar".parse().unwrap();
        let (mut live, mut all, mut at) = (Live::default(), Vec::new(), START);
        for (pause, measured, look) in events {
            at = at.after(Secs(pause));
            live.record(at, &zone, measured);
            all.push((at, measured));
            let now = at.after(Secs(look));
            let minute = |at: Timestamp| at.0 / 60_000_000;
            let windows = live.windows(now, &zone);
            let within = |minutes| naive(&all, |at| minute(at) > minute(now) - minutes);
            prop_assert_eq!(&windows.quarter, &within(15));
            prop_assert_eq!(&windows.hour, &within(60));
            prop_assert_eq!(&windows.today, &naive(&all, |at| zone.day_of(at) == zone.day_of(now)));
            prop_assert!(live.slices.len() <= 60, "memory is bounded: {}", live.slices.len());
            // Nothing changes before it is said to, and then it does.
            if let Some(change) = live.changes_at(now, &zone) {
                let before = Timestamp(change.0 - 1);
                prop_assert_eq!(&live.windows(before, &zone), &windows);
                prop_assert_ne!(&live.windows(change, &zone), &windows);
            } else {
                prop_assert_eq!(&live.windows(now.after(Secs(86_400)), &zone), &windows);
            }
            at = now;
        }
    }

    #[test]
    fn windows_of_two_queues_added_are_those_of_one_queue_with_both(
        events in prop::collection::vec((any::<bool>(), any_measured()), 1..80),
    ) {
        let zone = Zone::utc();
        let (mut left, mut right, mut both) = (Live::default(), Live::default(), Live::default());
        for (is_left, measured) in events {
            let part = if is_left { &mut left } else { &mut right };
            part.record(START, &zone, measured);
            both.record(START, &zone, measured);
        }
        let mut sum = left.windows(START, &zone);
        sum.add(&right.windows(START, &zone));
        prop_assert_eq!(sum, both.windows(START, &zone));
    }
}

#[test]
fn today_begins_anew_at_the_midnight_of_the_site() {
    let paris: Zone = "Europe/Paris".parse().unwrap();
    let mut live = Live::default();
    live.record(START, &paris, Measured::Arrived);
    let midnight = paris.next_midnight(START);
    assert_eq!(live.windows(Timestamp(midnight.0 - 1), &paris).today.arrivals, 1);
    assert_eq!(live.windows(midnight, &paris).today.arrivals, 0);
}

#[test]
fn slices_ahead_of_a_clock_that_was_put_right_do_not_stay() {
    let zone = Zone::utc();
    let mut live = Live::default();
    live.record(START.after(Secs(86_400)), &zone, Measured::Arrived);
    live.record(START, &zone, Measured::NoShow);
    let windows = live.windows(START, &zone);
    assert_eq!((windows.quarter.arrivals, windows.quarter.no_shows), (0, 1));
    assert_eq!((windows.today.arrivals, windows.today.no_shows), (0, 1));
    assert_eq!(live.slices.len(), 1);
}
