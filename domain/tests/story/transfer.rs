//! Transfer: the leg ends here, the next begins elsewhere, and the person keeps what they brought.
//!
//! The source remembers the leg until it is confirmed; arriving twice is harmless.
//! Invariant: a leg is in exactly one place.

use domain::{Event, Placement};

use crate::names;
use crate::story::Story;

fn serving() -> Story {
    Story::new().given(
        "ama joins class=senior customer=kofi tags=vip; clock 09:05; awa calls; awa starts ama",
    )
}

#[test]
fn a_transfer_ends_the_leg_and_keeps_what_the_person_brought() {
    let story = serving().when("awa transfers ama").then("transferred ama").and("awa has nobody");
    let outbound: Vec<_> = story.queue.outbound().cloned().collect();
    let [leg] = outbound.as_slice() else { panic!("one leg is on its way: {outbound:?}") };
    assert_eq!((leg.visit.leg, leg.to, leg.placement), (2, names::queue("next"), Placement::Keep));
    assert_eq!(leg.visit.number.to_string(), "A001");
    assert_eq!(
        (leg.visit.class.as_str(), leg.visit.customer),
        ("senior", Some(names::customer("kofi")))
    );
    assert_eq!(
        (leg.arrived_at.to_string().as_str(), leg.tags.as_slice()),
        ("2026-03-02T09:00:00Z", &["vip".to_owned()][..])
    );
    assert_eq!(leg.service(), domain::ServiceId(uuid::Uuid::from_u128(9)));
    story.when("awa starts ama").then("refused not_found");
}

#[test]
fn the_placement_is_the_setting_unless_the_agent_says_otherwise() {
    let placed = |story: Story| story.queue.outbound().next().map(|leg| leg.placement);
    let with = || {
        Story::with(|config| config.transfer_placement = Placement::First)
            .given("ama joins; awa calls; awa starts ama")
    };
    assert_eq!(placed(with().given("awa transfers ama")), Some(Placement::First));
    assert_eq!(placed(with().given("awa transfers ama placement=2")), Some(Placement::Behind(2)));
    assert_eq!(placed(with().given("awa transfers ama placement=keep")), Some(Placement::Keep));
}

#[test]
fn a_handover_is_confirmed_once() {
    let story =
        serving().given("awa transfers ama").when("screen confirms ama leg=3").then("nothing");
    let story = story.when("screen confirms ama leg=2").then("handover_confirmed ama");
    assert_eq!(story.queue.outbound().count(), 0);
    story.when("screen confirms ama leg=2").then("nothing");
}

#[test]
fn an_arrival_waits_with_its_own_arrival_time_and_number() {
    let story = Story::new()
        .given("ama joins; bob joins")
        .when("eva arrives at=08:30 tags=x")
        .then("admitted eva");
    story.and("eva is waiting; eva number B007; eva arrived 08:30:00; eva leg 2; eva tags x; line is eva ama bob");
}

#[test]
fn an_arrival_may_be_placed_first_or_behind() {
    let story = Story::new()
        .given("ama joins; bob joins; eva arrives placement=first; yao arrives placement=first");
    let story = story
        .given("efe arrives at=08:00 placement=3")
        .and("line is eva yao ama efe bob; yao ahead 1; efe ahead 3");
    story.when("awa calls").then("called eva").and("eva why transferred, placed first");
}

#[test]
fn who_is_placed_first_comes_after_one_who_is_being_offered() {
    let story = Story::new().given("ama joins; bob arrives placement=first; awa is-offered o1");
    let story = story.given("eva arrives at=08:00 placement=first; screen withdraws bob o1");
    story.and("line is bob eva ama");
}

#[test]
fn an_arrival_is_never_refused() {
    let full = || Story::with(|config| config.capacity = Some(1)).given("ama joins customer=kofi");
    full()
        .when("eva arrives customer=kofi class=unheard")
        .then("admitted eva")
        .and("queue holds 2");
    for state in ["pauses", "closes", "is-closing"] {
        full().given(&format!("queue {state}")).when("eva arrives").then("admitted eva");
    }
}

#[test]
fn arriving_twice_is_harmless_in_every_state() {
    for way in [
        "",
        "awa calls",
        "awa calls; awa starts eva",
        "awa calls; awa holds eva",
        "eva cancels",
        "awa is-offered o1",
    ] {
        let story = Story::new().given("eva arrives");
        let story = if way.is_empty() { story } else { story.given(way) };
        story.when("eva arrives").then("nothing");
    }
}

#[test]
fn an_arrival_that_has_gone_on_is_not_admitted_again() {
    let story =
        Story::new().given("eva arrives leg=2; awa calls; awa starts eva; awa transfers eva");
    let story = story.when("eva arrives leg=2").then("nothing").given("screen confirms eva leg=3");
    let story = story.when("eva arrives leg=2").then("nothing");
    story.restarted().when("eva arrives leg=2").then("nothing");
}

#[test]
fn handovers_confirmed_in_the_wrong_order_are_no_way_back_in() {
    let story =
        Story::new().given("eva arrives leg=2; awa calls; awa starts eva; awa transfers eva");
    let story = story.given("eva arrives leg=4; awa calls; awa starts eva; awa transfers eva");
    let story = story.given("screen confirms eva leg=5; screen confirms eva leg=3");
    story.when("eva arrives leg=4").then("nothing");
}

#[test]
fn there_and_back_again_is_a_new_leg() {
    let story = serving().given("awa transfers ama; screen confirms ama leg=2; clock 09:30");
    let story = story
        .when("ama arrives leg=3 at=09:00 class=senior")
        .then("admitted ama")
        .and("ama leg 3; ama is waiting");
    let story = story.and("ama arrived 09:00:00; ama first-called never; ama calls-total 0");
    let story =
        story.given("awa calls; awa starts ama").when("awa transfers ama").then("transferred ama");
    story.given("screen confirms ama leg=4").when("ama arrives leg=5").then("admitted ama");
}

#[test]
fn there_and_back_before_the_first_handover_is_confirmed() {
    let story = serving().given("awa transfers ama").when("ama arrives leg=3").then("admitted ama");
    let story = story
        .when("screen confirms ama leg=2")
        .then("handover_confirmed ama")
        .and("ama is waiting");
    story.when("ama arrives leg=3").then("nothing");
}

#[test]
fn a_later_leg_replaces_an_earlier_one_that_is_still_here() {
    let story = Story::new().given("eva arrives leg=2; awa calls; awa starts eva");
    story
        .when("eva arrives leg=4")
        .then("admitted eva")
        .and("eva leg 4; eva is waiting; awa has nobody; line is eva");
}

#[test]
fn an_admission_names_the_queue_it_came_from() {
    let story = Story::new().when("eva arrives");
    let [Event::Admitted { from, .. }] = story.events() else { panic!("{:?}", story.events()) };
    assert_eq!(*from, names::queue("before"));
}
