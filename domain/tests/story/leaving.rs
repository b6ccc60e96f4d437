//! Leaving and coming back: cancelled, removed, walked out, no-show; reinstated within the tolerance.
//!
//! Who comes back waits with the old arrival time and the old number.
//! Invariant: a served or expired ticket never comes back.

use crate::story::Story;

#[test]
fn who_cancels_is_gone_whether_waiting_afar_or_called() {
    Story::new()
        .given("ama joins")
        .when("ama cancels")
        .then("cancelled ama")
        .and("ama is cancelled; line is");
    Story::new()
        .given("ama joins remote")
        .when("ama cancels")
        .then("cancelled ama")
        .and("queue holds 0");
    Story::new()
        .given("ama joins; awa calls")
        .when("ama cancels")
        .then("cancelled ama")
        .and("awa has nobody");
}

#[test]
fn staff_remove_and_people_walk_out() {
    Story::new()
        .given("ama joins")
        .when("boss removes ama why=joke")
        .then("removed ama")
        .and("ama is removed");
    Story::new()
        .given("ama joins")
        .when("ama walks-out")
        .then("walked_out ama")
        .and("ama is walked_out");
}

#[test]
fn who_leaves_while_offered_takes_the_offer_along() {
    let story = Story::new()
        .given("ama joins; bob joins; awa is-offered o1; ama walks-out")
        .and("ama is walked_out");
    story
        .when("awa accepts ama o1")
        .then("refused ticket_ended")
        .when("awa calls")
        .then("called bob");
}

#[test]
fn who_comes_back_has_the_old_place_and_number() {
    for leaving in ["ama cancels", "ama walks-out", "boss removes ama"] {
        let story = Story::new().given("ama joins; bob joins").given(leaving).given("clock +1800s");
        let story = story.when("boss reinstates ama").then("reinstated ama");
        story.and("ama is waiting; ama number A001; ama arrived 09:00:00; line is ama bob");
    }
}

#[test]
fn a_no_show_comes_back_too() {
    let story = Story::with(|config| config.ladder.requeues_max = 0);
    let story = story
        .given("ama joins; bob joins; awa calls; clock +30s; awa recalls ama; awa no-shows ama");
    story.when("boss reinstates ama").then("reinstated ama").and("line is ama bob");
}

#[test]
fn the_tolerance_ends() {
    let story = Story::new().given("ama joins; ama cancels; clock +1801s");
    story.when("boss reinstates ama").then("refused ticket_ended").and("ama is cancelled");
}

#[test]
fn a_longer_tolerance_keeps_the_ticket_as_long() {
    let story = Story::with(|config| config.reinstate_within = domain::Secs(7_200));
    story
        .given("ama joins; ama cancels; clock +7200s; bob joins")
        .when("boss reinstates ama")
        .then("reinstated ama");
}

#[test]
fn a_clock_that_stepped_back_does_not_end_the_tolerance() {
    Story::new()
        .given("ama joins; ama cancels; clock -86400s")
        .when("boss reinstates ama")
        .then("reinstated ama");
}

#[test]
fn the_ends_are_forgotten_in_the_order_of_time_also_when_the_clock_stepped_back() {
    let story = Story::new()
        .given("ama joins; bob joins; eva joins; ama cancels; clock -3000s; bob cancels");
    let story = story.given("clock +3601s; eva cancels");
    story
        .when("boss tags bob with=x")
        .then("refused not_found")
        .when("boss tags ama with=x")
        .then("tagged ama");
}

#[test]
fn served_and_expired_tickets_do_not_come_back() {
    let story = Story::new().given("ama joins; awa calls; awa starts ama; awa finishes ama");
    story.when("boss reinstates ama").then("refused ticket_ended");
    let story = Story::new().given("ama joins; queue closes expiring");
    story.when("boss reinstates ama").then("refused ticket_ended");
}

#[test]
fn who_has_another_live_ticket_does_not_come_back() {
    let story = Story::new().given("ama joins customer=kofi; ama cancels; bob joins customer=kofi");
    let story = story.when("boss reinstates ama").then("refused already_in_queue");
    story.given("bob cancels").when("boss reinstates ama").then("reinstated ama");
}

#[test]
fn who_cancelled_from_afar_comes_back_on_site() {
    let story = Story::new()
        .given("ama joins remote; ama cancels; clock 09:10")
        .when("boss reinstates ama");
    story.then("reinstated ama").and("ama is waiting; ama arrived 09:10:00");
}

#[test]
fn who_comes_back_after_being_called_back_is_served_anew() {
    let story = Story::new()
        .given("ama joins; awa calls; awa starts ama; awa holds ama; clock 09:10; awa calls ama");
    let story = story.given(
        "ama cancels; boss reinstates ama; clock 09:20; awa calls; awa starts ama; clock 09:22",
    );
    story.and("ama started 09:20:00; ama served 120");
}
