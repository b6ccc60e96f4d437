//! The house rules that a machine can check, as tests: CI adds none that a developer cannot run alone.
//!
//! Each rule is a function from a path and a text to the violations in it; one test runs all of them
//! over the tree, and beside each rule a planted violation proves that it would be caught.
//!
//! Invariant: a rule looks at text alone, so it needs no compiler and cannot depend on the build.
#![allow(clippy::unwrap_used, reason = "a tree that cannot be read is a failed test")]

use std::path::{Path, PathBuf};

use toml::{Table, Value};

const FILE_LINES_MAX: usize = 400;
const FUNCTION_LINES_MAX: usize = 70;

/// Who may know whom: each crate and the crates of ours to its left.
const LAYERS: [(&str, &[&str]); 6] = [
    ("domain", &[]),
    ("outbox", &[]),
    ("persistence", &["domain"]),
    ("actors", &["domain", "outbox", "persistence"]),
    ("transport", &["actors", "domain", "outbox", "persistence"]),
    ("smartqueue", &["actors", "domain", "outbox", "persistence", "transport"]),
];

/// What the pure heart may not touch: other tasks, the clock, files, the network, chance, the terminal.
const WORLD: [&str; 26] = [
    "async fn",
    "async move",
    "async {",
    ".await",
    "tokio",
    "SystemTime",
    "Instant",
    "Timestamp::now",
    "Zoned::now",
    "TimeZone::system",
    "std::fs",
    "std::net",
    "std::io",
    "std::env",
    "std::thread",
    "std::process",
    "rand::",
    "getrandom",
    "Uuid::now_v7",
    "Uuid::new_v4",
    "println!",
    "eprintln!",
    "sqlx",
    "reqwest",
    "axum",
    "ractor",
];

/// Crates that a pure crate may not depend on.
const WORLDLY_CRATES: [&str; 9] =
    ["tokio", "sqlx", "reqwest", "axum", "hyper", "ractor", "rand", "getrandom", "futures-util"];

type Rule = fn(&str, &str) -> Vec<String>;

const RULES: [(&str, Rule); 11] = [
    ("a header opens the file", header),
    ("a file has at most 400 lines", file_length),
    ("a function has at most 70 lines", function_length),
    ("no mod.rs", module_file),
    ("lib.rs is a table of contents", table_of_contents),
    ("the domain is pure", purity),
    ("SQL stays in persistence", sql),
    ("tests are sentences", sentences),
    ("nothing is left for later", marks),
    ("no path or host of one machine", machine),
    ("crates know only what stands to their left", layers),
];

#[test]
fn the_tree_keeps_the_house_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(root, root, &mut files);
    assert!(files.iter().any(|(path, _)| path == "tests/tidy.rs"), "the tree was not found");
    let mut violations = Vec::new();
    for (path, text) in &files {
        for (rule, check) in RULES {
            violations.extend(check(path, text).iter().map(|found| format!("{rule}: {found}")));
        }
    }
    assert!(violations.is_empty(), "{}\n", violations.join("\n"));
}

/// The text files of the tree, as paths with slashes from the root, without what is built or fetched.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let built =
            ["target", ".git", "node_modules", "dist", "data", "book"].contains(&name.as_str());
        if path.is_dir() && !path.is_symlink() && !built {
            collect(root, &path, files);
        } else if path.is_file() && !name.ends_with(".lock") {
            let relative = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            // What is not text has no rules.
            files.extend(std::fs::read_to_string(&path).ok().map(|text| (relative, text)));
        }
    }
}

fn is_rust(path: &str) -> bool {
    path.ends_with(".rs")
}

/// `text` without comments, line by line and with the numbers kept.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| {
        let comment = line.find("//").filter(|at| !line[..*at].ends_with(':'));
        (index + 1, &line[..comment.unwrap_or(line.len())])
    })
}

/// Whether `word` stands in `line` and is not the end of a longer name.
fn mentions(line: &str, word: &str) -> bool {
    let starts_name = word.starts_with(|first: char| first.is_alphanumeric());
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !starts_name || !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

/// `mentions`, with a boundary behind the word too.
fn holds_word(line: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.split(|letter| !part(letter)).any(|piece| piece == word)
}

fn header(path: &str, text: &str) -> Vec<String> {
    let missing = is_rust(path) && !text.starts_with("//! ");
    missing
        .then(|| format!("{path}: says nothing about itself; begin with //!"))
        .into_iter()
        .collect()
}

fn file_length(path: &str, text: &str) -> Vec<String> {
    let ruled = [".rs", ".ts", ".tsx", ".mjs", ".sh", ".sql"].iter().any(|end| path.ends_with(end));
    let lines = text.lines().count();
    let long = ruled && lines > FILE_LINES_MAX;
    long.then(|| format!("{path}: {lines} lines; split it")).into_iter().collect()
}

fn function_length(path: &str, text: &str) -> Vec<String> {
    if !is_rust(path) {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let starts = (0..lines.len()).filter(|at| begins_function(lines[*at]));
    starts
        .map(|at| (at, function_lines(&lines[at..])))
        .filter(|(_, length)| *length > FUNCTION_LINES_MAX)
        .map(|(at, length)| format!("{path}:{}: a function of {length} lines", at + 1))
        .collect()
}

fn begins_function(line: &str) -> bool {
    let mut words = line.split_whitespace().take_while(|word| !word.contains(['"', '/', '=']));
    words.by_ref().take(6).find(|word| !is_qualifier(word)) == Some("fn")
}

fn is_qualifier(word: &str) -> bool {
    word.starts_with("pub")
        || word.ends_with("super)")
        || ["const", "async", "default"].contains(&word)
}

/// Lines from the head to the closing brace, which rustfmt sets at the indent of the head.
fn function_lines(lines: &[&str]) -> usize {
    let head = lines[0];
    if head.ends_with(['}', ';']) {
        return 1;
    }
    let indent = head.len() - head.trim_start().len();
    let ends = |line: &&str| {
        let rest = line.get(indent..).unwrap_or_default();
        let here = line.len() - line.trim_start().len() == indent;
        here && (rest.starts_with('}') || (rest.starts_with(')') && rest.ends_with(';')))
    };
    lines.iter().skip(1).position(ends).map_or(lines.len(), |at| at + 2)
}

fn module_file(path: &str, _text: &str) -> Vec<String> {
    let found = Path::new(path).file_name().is_some_and(|name| name == "mod.rs");
    found.then(|| format!("{path}: name it after its folder, beside it")).into_iter().collect()
}

fn table_of_contents(path: &str, text: &str) -> Vec<String> {
    if !path.ends_with("src/lib.rs") {
        return Vec::new();
    }
    // The fixtures of other crates' tests are a module of their own, behind a feature.
    let open = code(text).filter(|(_, line)| {
        line.trim_start().starts_with("pub mod ") && *line != "pub mod testing;"
    });
    open.map(|(at, _)| format!("{path}:{at}: keep modules private and choose names")).collect()
}

fn purity(path: &str, text: &str) -> Vec<String> {
    if !(is_rust(path) && path.starts_with("domain/src/")) {
        return Vec::new();
    }
    let touches = |line: &str| WORLD.into_iter().find(|word| mentions(line, word));
    let found = code(text).filter_map(|(at, line)| touches(line).map(|word| (at, word)));
    found.map(|(at, word)| format!("{path}:{at}: {word}")).collect()
}

fn sql(path: &str, text: &str) -> Vec<String> {
    if !is_rust(path) || path.starts_with("persistence/") || path == "tests/tidy.rs" {
        return Vec::new();
    }
    let statements = ["SELECT ", "INSERT INTO ", "DELETE FROM ", "CREATE TABLE ", "ALTER TABLE "];
    let speaks = |line: &str| {
        holds_word(line, "sqlx") || statements.into_iter().any(|words| mentions(line, words))
    };
    let found = code(text).filter(|(_, line)| speaks(line));
    found.map(|(at, line)| format!("{path}:{at}: {}", line.trim())).collect()
}

fn sentences(path: &str, text: &str) -> Vec<String> {
    let prefix = concat!("fn ", "test_");
    let found =
        code(text).filter(|(_, line)| is_rust(path) && line.trim_start().starts_with(prefix));
    found.map(|(at, line)| format!("{path}:{at}: {}", line.trim())).collect()
}

fn marks(path: &str, text: &str) -> Vec<String> {
    let marks =
        [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    let macros = [concat!("todo", "!("), concat!("unimplemented", "!(")];
    let left = |line: &str| {
        marks.into_iter().any(|mark| holds_word(line, mark))
            || macros.into_iter().any(|call| mentions(line, call))
    };
    let found = text.lines().enumerate().filter(|(_, line)| left(line));
    found.map(|(index, line)| format!("{path}:{}: {}", index + 1, line.trim())).collect()
}

fn machine(path: &str, text: &str) -> Vec<String> {
    let places = [
        concat!("/wo", "rk/"),
        concat!("/tm", "p/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
        concat!("registry.", "npmjs.org"),
        concat!("index.", "crates.io"),
        concat!("static.", "crates.io"),
    ];
    let named = |line: &str| places.into_iter().any(|place| line.contains(place));
    let found = text.lines().enumerate().filter(|(_, line)| named(line));
    found.map(|(index, line)| format!("{path}:{}: {}", index + 1, line.trim())).collect()
}

fn layers(path: &str, text: &str) -> Vec<String> {
    if Path::new(path).file_name().is_none_or(|name| name != "Cargo.toml") {
        return Vec::new();
    }
    let manifest: Table = text.parse().unwrap();
    let name = manifest["package"]["name"].as_str().unwrap();
    let Some((_, known)) = LAYERS.into_iter().find(|(layer, _)| *layer == name) else {
        return vec![format!("{path}: {name} has no place in the layers of tests/tidy.rs")];
    };
    let ours = |wanted: &str| LAYERS.iter().any(|(layer, _)| *layer == wanted);
    let pure = ["domain", "outbox"].contains(&name);
    let refused = |wanted: &String| {
        (ours(wanted) && wanted != name && !known.contains(&wanted.as_str()))
            || (pure && WORLDLY_CRATES.contains(&wanted.as_str()))
            || (wanted == "sqlx" && name != "persistence")
    };
    let wanted = dependencies(&manifest).into_iter().filter(refused);
    wanted.map(|wanted| format!("{path}: {name} may not depend on {wanted}")).collect()
}

/// The names of all dependencies of a manifest, of every kind and for every target.
fn dependencies(manifest: &Table) -> Vec<String> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(_, target)| target.as_table()).chain([manifest]);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    tables
        .flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()))
        .flat_map(|listed| listed.iter().map(|(name, _)| name.clone()))
        .collect()
}

// Planted violations: each rule catches its own, and leaves the honest twin alone.

#[track_caller]
fn catches(rule: Rule, path: &str, planted: &str, honest: &str) {
    assert_eq!(rule(path, planted).len(), 1, "the planted violation was missed: {planted}");
    assert_eq!(rule(path, honest), Vec::<String>::new());
}

#[test]
fn a_file_without_a_header_is_caught() {
    catches(header, "src/a.rs", "use std::fmt;\n", "//! What it is.\n");
}

#[test]
fn a_long_file_is_caught() {
    catches(file_length, "src/a.rs", &"x\n".repeat(401), &"x\n".repeat(400));
}

#[test]
fn a_long_function_is_caught_wherever_it_stands() {
    let of = |lines: usize, indent: &str| {
        let body = format!("{indent}    work();\n").repeat(lines - 2);
        format!("{indent}pub(super) async fn f() {{\n{body}{indent}}}\n")
    };
    for indent in ["", "    ", "        "] {
        catches(function_length, "src/a.rs", &of(71, indent), &of(70, indent));
    }
    let declared = "trait T {\n    fn f(\n        a: u8,\n    ) -> u8;\n    fn g();\n}\n";
    catches(function_length, "src/a.rs", &of(71, ""), &(declared.to_owned() + &"\n".repeat(99)));
}

#[test]
fn a_mod_rs_is_caught() {
    assert_eq!(module_file("src/config/mod.rs", "").len(), 1);
    assert!(module_file("src/config.rs", "").is_empty());
}

#[test]
fn an_open_module_is_caught() {
    catches(
        table_of_contents,
        "domain/src/lib.rs",
        "pub mod queue;\n",
        "mod queue;\npub use queue::Q;\n",
    );
}

#[test]
fn each_touch_of_the_world_is_caught_in_the_domain() {
    for word in WORLD {
        let planted = format!("let x = {word};\n");
        assert!(!purity("domain/src/a.rs", &planted).is_empty(), "{word}");
        assert!(purity("actors/src/a.rs", &planted).is_empty(), "{word}");
    }
    catches(
        purity,
        "domain/src/a.rs",
        "use std::fs;\n",
        "// std::fs is for others\nlet operand::X = 1;\n",
    );
}

#[test]
fn sql_outside_persistence_is_caught() {
    catches(
        sql,
        "actors/src/a.rs",
        "sqlx::query(text)\n",
        "// sqlx leaves it open\nstore.load()\n",
    );
    catches(sql, "tests/a.rs", "let q = \"SELECT 1\";\n", "let q = \"choose one\";\n");
    assert!(sql("persistence/src/a.rs", "sqlx::query(\"SELECT 1\")\n").is_empty());
}

#[test]
fn a_test_that_is_no_sentence_is_caught() {
    let planted = concat!("#[test]\nfn ", "test_issue() {}\n");
    catches(sentences, "src/a.rs", planted, "#[test]\nfn an_issue_is_numbered() {}\n");
}

#[test]
fn what_is_left_for_later_is_caught() {
    for mark in [concat!("// TO", "DO: later"), concat!("# FIX", "ME"), concat!("todo", "!()")] {
        catches(marks, "src/a.rs", mark, &format!("mktemp name.{}\n", "X".repeat(6)));
    }
}

#[test]
fn a_path_of_one_machine_is_caught() {
    catches(machine, "docs/a.md", concat!("see /wo", "rk/main"), "see ./data\n");
    catches(machine, "web/package-lock.json", concat!("https://registry.", "npmjs.org/x"), "x\n");
}

#[test]
fn a_dependency_against_the_grain_is_caught() {
    let of = |kind: &str, wanted: &str| {
        format!("[package]\nname = \"persistence\"\n[{kind}]\n{wanted}.workspace = true\n")
    };
    for kind in ["dependencies", "dev-dependencies", "target.'cfg(loom)'.dependencies"] {
        catches(layers, "persistence/Cargo.toml", &of(kind, "actors"), &of(kind, "domain"));
    }
    let named = |name: &str, wanted: &str| {
        format!("[package]\nname = \"{name}\"\n[dependencies]\n{wanted} = \"1\"\n")
    };
    catches(layers, "domain/Cargo.toml", &named("domain", "tokio"), &named("domain", "jiff"));
    catches(layers, "actors/Cargo.toml", &named("actors", "sqlx"), &named("persistence", "sqlx"));
    catches(layers, "new/Cargo.toml", &named("new", "serde"), &named("outbox", "bytes"));
}
