//! Upkeep: tags, notes, a change of class, a change of settings.
//!
//! Asking for what already is leads to nothing.
//! Invariant: none of these moves anybody to or from a counter.

use domain::{ClassKey, ConfigFault, Policy, Secs};

use crate::story::{Story, config};

#[test]
fn tags_are_a_sorted_set_and_repeating_is_harmless() {
    let story = Story::new()
        .given("ama joins")
        .when("boss tags ama with=b,a,b")
        .then("tagged ama")
        .and("ama tags a,b");
    story.when("boss tags ama with=a,b").then("nothing").when("boss tags ama").then("tagged ama");
}

#[test]
fn a_note_is_only_mentioned() {
    Story::new().given("ama joins").when("boss notes ama").then("noted ama");
}

#[test]
fn a_change_of_class_moves_the_person_in_the_line() {
    let story = Story::with(|config| config.policy = Policy::Priority)
        .given("ama joins; bob joins; eva joins remote");
    let story = story
        .when("boss sets bob class=senior")
        .then("priority_changed bob")
        .and("line is bob ama; bob class senior");
    let story = story.when("boss sets bob class=senior").then("nothing");
    let story = story.when("boss sets bob class=gold").then("refused class_not_allowed");
    story.given("boss sets eva class=vip; eva checks-in").and("line is eva bob ama");
}

#[test]
fn a_change_of_policy_orders_the_line_anew() {
    let story = Story::new()
        .given("ama joins; clock +1s; bob joins class=senior; clock +1s; eva joins class=vip")
        .and("line is ama bob eva");
    let story =
        story.configured(|config| config.policy = Policy::Priority).then("queue.configured");
    story
        .and("line is eva bob ama; eva ahead 0")
        .configured(|config| config.policy = Policy::Fifo)
        .and("line is ama bob eva");
}

#[test]
fn the_same_settings_again_lead_to_nothing() {
    Story::new().configured(|_| {}).then("nothing");
}

#[test]
fn a_change_of_settings_keeps_those_placed_first_and_behind() {
    let story = Story::new().given(
        "ama joins; bob joins; eva joins; awa calls; awa requeues ama; yao arrives placement=first",
    );
    let story = story.configured(|config| config.capacity = Some(9)).and("line is yao bob eva ama");
    story
        .given("awa calls; binta calls")
        .configured(|config| config.capacity = None)
        .and("line is eva ama");
}

#[test]
fn a_class_that_was_taken_away_counts_as_the_default() {
    let story = Story::with(|config| config.policy = Policy::Priority)
        .given("ama joins; bob joins class=senior");
    let story = story
        .configured(|config| config.classes.retain(|class| class.key != ClassKey::new("senior")));
    story.and("line is ama bob; bob class senior");
}

#[test]
fn a_smaller_capacity_sends_nobody_away_and_takes_nobody_more() {
    let story =
        Story::new().given("ama joins; bob joins").configured(|config| config.capacity = Some(1));
    story.and("queue holds 2").given("awa calls").when("eva joins").then("refused queue_full");
}

#[test]
fn new_skills_of_the_queue_hold_for_those_who_wait_already() {
    let story = Story::new()
        .given("ama joins")
        .configured(|config| config.needs = crate::names::skills(&["cash"]));
    story
        .when("cheikh calls")
        .then("refused nobody_waiting")
        .when("binta calls")
        .then("called ama");
}

#[test]
fn unsound_settings_are_named_by_field() {
    let fields = |change: fn(&mut domain::QueueConfig)| {
        let mut config = config();
        change(&mut config);
        config.faults().iter().map(|ConfigFault { field, .. }| *field).collect::<Vec<_>>()
    };
    assert_eq!(fields(|_| {}), [""; 0]);
    assert_eq!(fields(|config| config.classes.clear()), ["classes"]);
    assert_eq!(
        fields(|config| config.classes = vec![config.classes[0].clone(); 17]),
        ["classes", "classes"]
    );
    assert_eq!(fields(|config| config.classes.push(config.classes[0].clone())), ["classes"]);
    assert_eq!(fields(|config| config.classes[0].target = Secs(0)), ["classes"]);
    assert_eq!(fields(|config| config.classes[0].weight = 0), ["classes"]);
    assert_eq!(fields(|config| config.classes[0].slope = Some(f64::NAN)), ["classes"]);
    assert_eq!(fields(|config| config.ladder.min_calls = 0), ["ladder"]);
    assert_eq!(fields(|config| config.ladder.max_calls = 1), ["ladder"]);
    for prefix in ["", "A1", "TOOLONG", "A-"] {
        let mut config = config();
        config.numbering.prefix = prefix.into();
        assert_eq!(config.faults().len(), 1, "{prefix:?}");
    }
}
