//! Joining: numbers, classes, capacity, one ticket per person, from afar.
//!
//! Capacity and number are decided in the same step as the ticket.
//! Invariant: whoever is refused has cost nobody a place or a number.

use domain::Refusal;

use crate::story::Story;

#[test]
fn who_joins_gets_a_number_and_waits() {
    let story = Story::new().when("ama joins").then("issued ama");
    story.and("ama is waiting; ama number A001; ama class normal; ama arrived 09:00:00; line is ama; ama leg 1");
}

#[test]
fn numbers_follow_one_another() {
    Story::new().given("ama joins; bob joins; eva joins").and("bob number A002; eva number A003");
}

#[test]
fn a_refused_join_costs_no_number() {
    let story = Story::new().given("ama joins; queue pauses");
    let story = story.when("bob joins").then("refused queue_paused").and("bob is unknown");
    story.given("queue opens; eva joins").and("eva number A002");
}

#[test]
fn tags_given_at_the_kiosk_are_kept() {
    Story::new().given("ama joins tags=baby,wheelchair").and("ama tags baby,wheelchair");
}

#[test]
fn the_last_place_is_taken_once() {
    let mut story =
        Story::with(|config| config.capacity = Some(3)).given("ama joins; bob joins remote");
    let mut granted = 0;
    for number in 0..200 {
        story = story.when(&format!("p{number} joins"));
        match story.events() {
            [] => assert_eq!(story.refusal(), &Refusal::QueueFull { capacity: 3 }),
            _ => granted += 1,
        }
    }
    assert_eq!(granted, 1);
    assert!(story.queue.is_full());
    story.and("queue holds 3");
}

#[test]
fn a_place_is_free_again_when_somebody_is_called() {
    let story = Story::with(|config| config.capacity = Some(1)).given("ama joins");
    let story = story.when("bob joins").then("refused queue_full");
    story.given("awa calls").when("bob joins").then("issued bob");
}

#[test]
fn somebody_offered_still_takes_a_place() {
    let story =
        Story::with(|config| config.capacity = Some(1)).given("ama joins; awa is-offered o1");
    story.when("bob joins").then("refused queue_full");
}

#[test]
fn a_queue_of_no_capacity_takes_nobody() {
    Story::with(|config| config.capacity = Some(0)).when("ama joins").then("refused queue_full");
}

#[test]
fn a_person_may_choose_only_the_classes_open_to_them() {
    Story::new().when("ama joins self class=senior").then("issued ama").and("ama class senior");
    let story = Story::new().when("ama joins self class=vip").then("refused class_not_allowed");
    assert_eq!(story.refusal(), &Refusal::ClassNotAllowed { class: "vip".to_owned() });
}

#[test]
fn staff_may_give_any_class_of_the_queue_and_no_other() {
    Story::new().when("ama joins class=vip").then("issued ama").and("ama class vip");
    Story::new().when("ama joins class=999999").then("refused class_not_allowed");
}

#[test]
fn a_known_person_has_one_live_ticket() {
    let mut story = Story::new().given("ama joins customer=kofi").when("bob joins customer=kofi");
    let ticket = story.names.ticket("ama");
    assert_eq!(story.refusal(), &Refusal::AlreadyInQueue { ticket, number: "A001".to_owned() });
    story
        .given("bob joins customer=yaa")
        .given("ama cancels")
        .when("eva joins customer=kofi")
        .then("issued eva");
}

#[test]
fn a_known_person_may_not_join_again_while_served_or_parked() {
    let story = Story::new().given("ama joins customer=kofi; awa calls; awa starts ama");
    let story = story.when("bob joins customer=kofi").then("refused already_in_queue");
    story.given("awa holds ama").when("bob joins customer=kofi").then("refused already_in_queue");
}

#[test]
fn several_tickets_for_one_person_can_be_allowed() {
    let story = Story::with(|config| config.one_ticket_per_customer = false)
        .given("ama joins customer=kofi");
    story.when("bob joins customer=kofi").then("issued bob");
}

#[test]
fn a_person_with_two_tickets_by_transfer_still_has_one_when_the_other_ends() {
    let story = Story::new().given("ama joins customer=kofi; bob arrives customer=kofi");
    let story =
        story.given("bob cancels").when("eva joins customer=kofi").then("refused already_in_queue");
    story.given("ama cancels").when("eva joins customer=kofi").then("issued eva");
}

#[test]
fn the_ticket_named_in_already_in_queue_is_the_same_after_a_restart() {
    let steps = "bob joins; ama joins customer=kofi; bob cancels; eva arrives customer=kofi";
    for story in [Story::new().given(steps), Story::new().given(steps).restarted()] {
        let mut story = story.when("yao joins customer=kofi");
        let ticket = story.names.ticket("ama");
        assert_eq!(story.refusal(), &Refusal::AlreadyInQueue { ticket, number: "A002".to_owned() });
    }
}

#[test]
fn a_ticket_is_issued_once() {
    Story::new()
        .given("ama joins")
        .when("ama joins")
        .then("refused already_in_queue")
        .and("queue holds 1");
}

#[test]
fn who_joins_from_afar_keeps_a_place_and_cannot_be_called() {
    let story = Story::new()
        .given("ama joins remote")
        .and("ama is remote; ama arrived never; queue holds 1");
    let story = story.when("awa calls").then("refused nobody_waiting");
    let story = story
        .given("clock 09:20; bob joins; clock 09:30")
        .when("ama checks-in")
        .then("checked_in ama");
    story.and("ama is waiting; ama arrived 09:30:00; ama waited 0; line is bob ama");
}
