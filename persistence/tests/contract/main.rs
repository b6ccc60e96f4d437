//! What every store does, told once and run on both databases.
//!
//! A story is an async function of a fresh database. `on_both!` makes two tests of it, `sqlite::…` and `postgres::…`.
//! Always true: a story that needs to look behind the store's back says so by using [`world::Raw`].

#![allow(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends here")]

mod access;
mod alerts;
mod append;
mod audit;
mod chain;
mod configuration;
mod devices;
mod erasing;
mod external;
mod identities;
mod keys;
mod lists;
mod owner;
mod planning;
mod recovery;
mod roll_ups;
mod samples;
mod schema;
mod vault;
mod world;

macro_rules! on_both {
    ($($file:ident: $($story:ident),+ $(,)?;)+) => {
        mod sqlite {
            $($(
                #[tokio::test]
                async fn $story() {
                    crate::$file::$story(persistence::testing::TestDatabase::sqlite()).await;
                }
            )+)+
        }

        mod postgres {
            $($(
                #[tokio::test]
                async fn $story() {
                    if let Some(database) = persistence::testing::TestDatabase::postgres().await {
                        crate::$file::$story(database).await;
                    }
                }
            )+)+
        }
    };
}

on_both! {
    alerts:
        an_alert_is_raised_cleared_and_seen_once,
        alerts_are_paged_from_the_newest;
    access:
        a_consent_is_one_row_and_ends_with_what_came_of_it,
        sessions_are_their_persons_own;
    planning:
        arrivals_are_counted_by_half_hour_and_class,
        visits_tell_how_long_people_waited_and_counters_were_taken;
    append:
        a_batch_is_kept_whole_and_read_back,
        an_empty_batch_is_fine,
        a_version_that_is_taken_is_refused,
        a_gap_is_refused,
        a_version_taken_behind_the_writers_back_is_refused,
        a_failing_row_leaves_nothing_of_its_batch,
        the_newer_leg_and_version_win,
        a_leg_may_end_again,
        a_ticket_issued_and_called_in_one_batch_is_one_row,
        a_thousand_events_of_many_streams_are_one_batch,
        an_append_that_nobody_waits_for_harms_nobody;
    chain:
        a_changed_event_is_found_and_named,
        a_deleted_event_is_found_and_named,
        exchanged_events_are_found_and_named,
        an_event_that_cannot_be_read_is_named,
        a_tail_cut_behind_a_snapshot_is_found;
    recovery:
        recovery_is_the_newest_snapshot_and_the_tail,
        a_damaged_snapshot_costs_a_longer_tail,
        two_damaged_snapshots_cost_the_whole_stream,
        a_snapshot_from_the_future_is_passed_over,
        the_newest_two_snapshots_are_kept,
        a_stream_nobody_wrote_is_empty;
    lists:
        pages_show_every_ticket_once,
        tickets_that_come_meanwhile_do_not_disturb_paging,
        filters_narrow,
        a_tenant_sees_only_its_own,
        a_foreign_cursor_is_refused;
    roll_ups:
        a_leg_marks_its_hour_and_is_counted_once,
        a_mark_set_while_somebody_counts_stays,
        a_leg_that_ends_again_is_counted_where_it_is_now,
        whatever_happens_the_rows_are_those_of_the_legs,
        percentiles_of_100000_legs_are_right_to_two_digits;
    keys:
        keys_survive_a_restart,
        old_keys_are_forgotten_and_young_ones_stay,
        a_number_is_used_once;
    configuration:
        tenants_are_saved_and_slugs_are_unique,
        resources_move_from_version_to_version,
        a_refused_change_changes_nothing,
        a_key_belongs_to_one_resource,
        a_request_and_its_reply_are_one,
        a_save_goes_on_when_nobody_waits,
        a_person_is_recognised,
        one_person_at_once_is_one_customer;
    devices:
        a_new_pairing_replaces_the_credential,
        the_moment_a_device_was_heard_moves_forward,
        an_opinion_is_kept_once,
        opinions_are_paged_from_the_newest,
        a_key_is_kept_touched_and_ended;
    samples:
        samples_are_kept_once_and_paged_from_the_newest,
        thinning_leaves_the_last_sample_of_each_hour;
    audit:
        entries_are_added_behind_the_head_and_read_back,
        an_entry_that_does_not_follow_is_refused,
        two_who_add_at_once_cannot_both_win,
        pages_go_from_the_newest_down_and_filters_narrow,
        a_log_is_its_tenants_own,
        an_entry_added_beside_the_owner_is_found_by_it;
    identities:
        an_account_belongs_to_one_tenant_and_one_address,
        second_factors_are_used_up,
        a_code_is_fresh_once,
        a_refresh_token_has_one_successor,
        a_link_works_once_and_not_after_too_many_misses,
        a_link_shown_by_many_at_once_opens_once,
        a_token_of_another_tenant_is_never_found,
        what_ended_is_kept_for_as_long_as_it_matters;
    vault:
        nothing_personal_is_in_plain,
        plain_rows_of_older_databases_are_sealed,
        a_row_that_was_changed_or_exchanged_is_refused,
        a_wrong_or_missing_key_is_refused,
        without_a_vault_nothing_personal_is_taken,
        a_rotation_moves_every_row,
        a_rotation_that_was_cut_off_goes_on,
        a_customer_changes_against_its_version;
    erasing:
        an_erasure_leaves_nothing,
        what_an_erasure_deletes_is_overwritten,
        a_ticket_without_a_customer_is_erased_alone,
        a_restored_backup_is_erased_again_before_it_serves,
        people_are_forgotten_after_their_time;
    external:
        a_provider_is_changed_by_version_and_has_its_slug_alone,
        a_subject_stands_for_one_account;
    owner:
        a_second_owner_is_refused_with_a_sentence,
        a_closed_store_refuses_and_frees_the_database,
        a_store_answers_a_ping,
        migrating_twice_changes_nothing,
        a_reader_looks_in_beside_the_owner;
}
