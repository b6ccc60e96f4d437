//! Stories about the layers, the refusals, and the reference file that must name every option.
//!
//! Files are written into a folder of the test's own; the environment is a list, never the process's.
//! Invariant: no story depends on another, or on the machine.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::section::SECTIONS;
use super::*;

const REFERENCE: &str = include_str!("../../config/smartqueue.toml");
const DEMO: &str = include_str!("../../config/demo.toml");
const PRODUCTION: &str = include_str!("../../config/production.toml");

fn load(file: &str, environment: &[(&str, &str)], flags: &Overrides) -> Result<Config, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("given.toml");
    std::fs::write(&path, file).unwrap();
    let environment = environment.iter().map(|(name, text)| (name.to_string(), text.to_string()));
    Config::load(Some(&path), environment, flags).map_err(|error| error.to_string())
}

fn load_file(file: &str) -> Result<Config, String> {
    load(file, &[], &Overrides::default())
}

fn load_environment(name: &str, text: &str) -> Result<Config, String> {
    load("", &[(name, text)], &Overrides::default())
}

/// `section.key` of every option that exists.
fn known() -> BTreeSet<String> {
    let keys = SECTIONS.iter().map(|section| (section.name, (section.keys)()));
    keys.flat_map(|(name, keys)| keys.iter().map(move |key| format!("{name}.{key}"))).collect()
}

/// `section.key` of a line of the reference file that sets an option, or would without its `#`.
fn option_of(line: &str, section: &str) -> Option<String> {
    let (key, _) = line.strip_prefix("# ").unwrap_or(line).split_once(" = ")?;
    let is_key = key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    is_key.then(|| format!("{section}.{key}"))
}

#[test]
fn nothing_given_means_the_defaults() {
    let config = Config::load(None, [], &Overrides::default()).unwrap();
    assert_eq!(config, Config::default());
    assert_eq!(config.database_url().expose(), "sqlite:data/smartqueue.db");
    assert_eq!(config.signing_key_file(), PathBuf::from("data/signing-key.pem"));
}

#[test]
fn every_section_of_the_struct_is_a_known_section() {
    let known: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
    assert_eq!(fields::fields_of::<Config>(), known);
}

#[test]
fn the_reference_file_lists_exactly_the_options_that_exist_each_with_a_comment() {
    let (mut section, mut above, mut listed) = ("", "", BTreeSet::new());
    for line in REFERENCE.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name;
        } else if let Some(option) = option_of(line, section) {
            assert!(above.starts_with("# "), "{option} has no comment above it");
            assert!(listed.insert(option.clone()), "{option} is listed twice");
        }
        above = line;
    }
    assert_eq!(listed, known());
}

#[test]
fn the_reference_file_yields_the_defaults() {
    assert_eq!(load_file(REFERENCE).unwrap(), Config::default());
}

#[test]
fn the_reference_file_shows_options_without_a_default_in_a_form_that_works() {
    let all_set: String = REFERENCE
        .lines()
        .map(
            |line| if option_of(line, "").is_some() { line.trim_start_matches("# ") } else { line },
        )
        .flat_map(|line| [line, "\n"])
        .collect();
    let config = load_file(&all_set).unwrap();
    assert_eq!(config.server.public_url.as_deref(), Some("https://queue.example.org"));
    assert_eq!(config.database_url(), Config::default().database_url());
    assert_eq!(config.signing_key_file(), Config::default().signing_key_file());
}

#[test]
fn the_two_other_files_can_be_loaded_and_hold_no_password() {
    for file in [DEMO, PRODUCTION] {
        assert_eq!(load_file(file).unwrap().database.url, None);
    }
}

#[test]
fn a_flag_beats_the_environment_which_beats_the_file_which_beats_the_default() {
    let file = "[server]\nlisten = \"127.0.0.1:1001\"\n";
    let environment = [("SMARTQUEUE__SERVER__LISTEN", "127.0.0.1:1002")];
    let flags = Overrides { listen: Some("127.0.0.1:1003".to_owned()), ..Overrides::default() };
    let port = |config: Config| config.server.listen.port();
    assert_eq!(port(load_file("").unwrap()), 8080);
    assert_eq!(port(load_file(file).unwrap()), 1001);
    assert_eq!(port(load(file, &environment, &Overrides::default()).unwrap()), 1002);
    assert_eq!(port(load(file, &environment, &flags).unwrap()), 1003);
}

#[test]
fn database_url_works_over_the_file_and_under_our_own_name() {
    let file = "[database]\nurl = \"sqlite:file.db\"\n";
    let standard = ("DATABASE_URL", "postgres://u@h/standard");
    let own = ("SMARTQUEUE__DATABASE__URL", "postgres://u@h/own");
    let url = |environment: &[(&str, &str)]| {
        let config = load(file, environment, &Overrides::default()).unwrap();
        config.database_url().expose().to_owned()
    };
    assert_eq!(url(&[standard]), "postgres://u@h/standard");
    assert_eq!(url(&[own, standard]), "postgres://u@h/own");
    assert_eq!(url(&[standard, own]), "postgres://u@h/own");
}

#[test]
fn the_standard_log_variable_sets_the_filter() {
    assert_eq!(load_environment("RUST_LOG", "debug").unwrap().log.filter, "debug");
}

#[test]
fn a_variable_is_read_as_the_type_of_its_key() {
    let of = |name, text| load_environment(name, text).unwrap();
    assert_eq!(of("SMARTQUEUE__LIMITS__PAGE_ROWS_MAX", "50").limits.page_rows_max, 50);
    assert_eq!(of("SMARTQUEUE__AUTH__ISSUER", "50").auth.issuer, "50");
    assert_eq!(
        of("SMARTQUEUE__SERVER__ALLOWED_ORIGINS", "https://a.org, https://b.org")
            .server
            .allowed_origins,
        ["https://a.org", "https://b.org"]
    );
    assert_eq!(of("SMARTQUEUE__LOG__FORMAT", "json").log.format, LogFormat::Json);
}

#[test]
fn an_empty_variable_counts_as_not_set() {
    assert_eq!(load_environment("SMARTQUEUE__SERVER__PUBLIC_URL", ""), Ok(Config::default()));
}

#[test]
fn the_data_folder_holds_the_database_and_the_key() {
    let flags = Overrides { data_dir: Some(PathBuf::from("elsewhere")), ..Overrides::default() };
    let config = load("", &[], &flags).unwrap();
    assert_eq!(config.database_url().expose(), "sqlite:elsewhere/smartqueue.db");
    assert_eq!(config.signing_key_file(), Path::new("elsewhere/signing-key.pem"));
}

#[test]
fn an_unknown_key_names_its_file_itself_and_the_nearest_known_one() {
    let message = load_file("[server]\nlisen = \"127.0.0.1:1\"\n").unwrap_err();
    assert!(message.starts_with("file ") && message.contains("given.toml: "), "{message}");
    assert!(message.ends_with("server.lisen: unknown key; did you mean listen?"), "{message}");
}

#[test]
fn a_key_like_nothing_is_told_what_the_section_knows() {
    let message = load_file("[log]\nzzz = 1\n").unwrap_err();
    assert!(message.ends_with("log.zzz: unknown key; [log] knows format, filter"), "{message}");
}

#[test]
fn an_unknown_section_and_a_stray_value_are_refused() {
    let message = load_file("limit = 1\n[sever]\nlisten = \"\"\n").unwrap_err();
    assert!(message.contains("limit: unknown section; did you mean [limits]?"), "{message}");
    assert!(message.contains("sever: unknown section; did you mean [server]?"), "{message}");
    let message = load_file("log = 1\n").unwrap_err();
    assert!(message.ends_with("is a value where a section is wanted; write [log] above it"));
}

#[test]
fn an_unknown_variable_names_the_nearest_known_one() {
    for wrong in ["SMARTQUEUE__SERVER__LISTN", "SMARTQUEUE__SERVERS__LISTEN", "SMARTQUEUE__LISTEN"]
    {
        let message = load_environment(wrong, "x").unwrap_err();
        let end = "unknown environment variable; did you mean SMARTQUEUE__SERVER__LISTEN?";
        assert_eq!(message, format!("{wrong}: {end}"));
    }
}

#[test]
fn variables_that_are_not_ours_are_left_alone() {
    assert_eq!(load_environment("SMARTQUEUE_TEST_REQUIRE_POSTGRES", "1"), Ok(Config::default()));
}

#[test]
fn a_wrong_type_names_origin_key_and_what_was_expected() {
    let message = load_file("[limits]\npage_rows_max = \"many\"\n").unwrap_err();
    assert!(message.contains("limits.page_rows_max: invalid type: string"), "{message}");
    let message = load_environment("SMARTQUEUE__LIMITS__PAGE_ROWS_MAX", "many").unwrap_err();
    assert!(message.starts_with("environment variable SMARTQUEUE__LIMITS__PAGE_ROWS_MAX: "));
    let flags = Overrides { listen: Some("nowhere".to_owned()), ..Overrides::default() };
    let message = load("", &[], &flags).unwrap_err();
    assert!(message.starts_with("flag --listen: server.listen: "), "{message}");
}

#[test]
fn every_problem_is_reported_at_once() {
    let file = "[server]\nlisen = 1\npublic_url = \"ftp://x\"\nallowed_origins = [\"*\"]\n\
        [limits]\npage_rows_max = 0\nbody_bytes_max = 2000000\ncommands_per_queue_max = 4096\n\
        frame_bytes_max = 2000000\n[auth]\nissuer = \" \"\naccess_token_ttl_seconds = 1\n\
        [database]\nurl = \"mysql://u:secret@h/db\"\n[log]\nfilter = \"=x=y\"\n";
    let message = load_file(file).unwrap_err();
    let wanted = [
        "server.lisen:",
        "server.public_url:",
        "server.allowed_origins:",
        "limits.page_rows_max: 0 is out of bounds; give a number from 1 to 200",
        "limits.body_bytes_max:",
        "limits.commands_per_queue_max:",
        "limits.frame_bytes_max:",
        "auth.issuer:",
        "auth.access_token_ttl_seconds:",
        "database.url:",
        "log.filter:",
    ];
    assert_eq!(message.lines().count(), wanted.len(), "{message}");
    for part in wanted {
        assert!(message.contains(part), "{part} is missing from: {message}");
    }
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn a_file_that_is_not_toml_names_its_line_and_never_repeats_it() {
    let message = load_file("[database]\nurl = \"postgres://u:secret@h/db\n").unwrap_err();
    assert!(message.contains("given.toml, line 2: not TOML"), "{message}");
    assert!(!message.contains("secret"), "{message}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Some(Path::new("nowhere.toml")), [], &Overrides::default());
    let message = error.unwrap_err().to_string();
    assert!(message.starts_with("file nowhere.toml: cannot be read: "), "{message}");
}

#[test]
fn a_loaded_configuration_prints_no_password() {
    let config = load_environment("DATABASE_URL", "postgres://u:secret@h/db").unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}
