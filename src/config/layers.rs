//! Lays file, environment and flags over each other and keeps, for each value, where it came from.
//!
//! Each layer is checked key by key as it is added; faults are gathered, so that one start reports them
//! all. Invariant: a later layer replaces a value, never part of one.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::{Table, Value};

use super::error::{ConfigError, Problem};
use super::nearest::nearest;
use super::section::{SECTIONS, Section, find};
use super::{Config, Overrides};

/// `SMARTQUEUE__SECTION__KEY`: two underscores, because keys hold single ones.
const PREFIX: &str = "SMARTQUEUE__";

/// Standard names that other programs share; below our own names, above the file.
const STANDARD_NAMES: [(&str, &str, &str); 2] =
    [("DATABASE_URL", "database", "url"), ("RUST_LOG", "log", "filter")];

/// Where a value came from.
#[derive(Debug, Clone)]
enum Origin {
    File(PathBuf),
    Environment(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::File(path) => write!(out, "file {}", path.display()),
            Origin::Environment(name) => write!(out, "environment variable {name}"),
            Origin::Flag(flag) => write!(out, "flag {flag}"),
        }
    }
}

/// The values so far, by section and key, and the faults so far.
#[derive(Default)]
pub(super) struct Layers {
    values: BTreeMap<(&'static str, String), (Value, Origin)>,
    problems: Vec<Problem>,
}

impl Layers {
    /// Adds the file's values.
    pub(super) fn add_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
        let origin = Origin::File(path.to_owned());
        for (name, content) in parse(path, &text)? {
            match (find(&name), content) {
                (Some(section), Value::Table(content)) => {
                    for (key, value) in content {
                        self.add(section, key, value, &origin);
                    }
                }
                (Some(_), _) => self.problems.push(not_a_section(&name).coming_from(&origin)),
                (None, _) => self.problems.push(unknown_section(&name).coming_from(&origin)),
            }
        }
        Ok(())
    }

    /// Adds `DATABASE_URL` and `RUST_LOG`, then our own names over them. An empty value is no value.
    pub(super) fn add_environment(
        &mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) {
        let mut ours = Vec::new();
        for (name, text) in variables.into_iter().filter(|(_, text)| !text.is_empty()) {
            let standard = STANDARD_NAMES.iter().find(|(standard, ..)| *standard == name);
            if let Some((_, section, key)) = standard {
                self.add_text(section, key, text, Origin::Environment(name));
            } else if name.starts_with(PREFIX) {
                ours.push((name, text));
            }
        }
        for (name, text) in ours {
            self.add_own_variable(name, text);
        }
    }

    /// Adds what the command line says.
    pub(super) fn add_flags(&mut self, flags: &Overrides) {
        let text =
            |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
        let given = [
            ("--listen", "server", "listen", flags.listen.clone()),
            ("--data-dir", "server", "data_dir", text(&flags.data_dir)),
            ("--tls-cert", "server", "tls_cert", text(&flags.tls_cert)),
            ("--tls-key", "server", "tls_key", text(&flags.tls_key)),
            ("--database", "database", "url", flags.database_url.clone()),
        ];
        for (flag, section, key, text) in given {
            if let Some(text) = text {
                self.add_text(section, key, text, Origin::Flag(flag));
            }
        }
    }

    /// Joins the layers over the defaults and checks the bounds.
    pub(super) fn into_config(mut self) -> Result<Config, ConfigError> {
        let mut sections = Table::new();
        for ((section, key), (value, _)) in &self.values {
            let content = sections.entry(*section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(content) = content {
                content.insert(key.clone(), value.clone());
            }
        }
        match Config::deserialize(Value::Table(sections)) {
            Ok(config) => {
                let broken = config.check().into_iter().map(|problem| self.attribute(problem));
                let broken: Vec<Problem> = broken.collect();
                self.problems.extend(broken);
                if self.problems.is_empty() { Ok(config) } else { self.refused() }
            }
            Err(error) => {
                self.problems.push(Problem::new("configuration", error.message(), "mend it"));
                self.refused()
            }
        }
    }

    fn refused(self) -> Result<Config, ConfigError> {
        Err(ConfigError::Refused(self.problems))
    }

    /// Says which layer the value of a broken bound came from.
    fn attribute(&self, problem: Problem) -> Problem {
        let origin = problem.key.split_once('.').and_then(|(section, key)| {
            let section = find(section)?.name;
            self.values.get(&(section, key.to_owned())).map(|(_, origin)| origin.clone())
        });
        match origin {
            Some(origin) => problem.coming_from(origin),
            None => problem.coming_from("default"),
        }
    }

    fn add_own_variable(&mut self, name: String, text: String) {
        let lower = name[PREFIX.len()..].to_lowercase();
        let known = lower
            .split_once("__")
            .filter(|(section, key)| find(section).is_some_and(|it| (it.keys)().contains(key)));
        match known {
            Some((section, key)) => self.add_text(section, key, text, Origin::Environment(name)),
            None => self.problems.push(unknown_variable(&name)),
        }
    }

    /// Adds a value given as text: the first reading of it that fits the key's type.
    fn add_text(&mut self, section: &str, key: &str, text: String, origin: Origin) {
        let Some(section) = find(section) else { return };
        let fitting = readings(&text).find(|value| (section.fits)(key, value).is_ok());
        self.add(section, key.to_owned(), fitting.unwrap_or(Value::String(text)), &origin);
    }

    fn add(&mut self, section: &'static Section, key: String, value: Value, origin: &Origin) {
        if !(section.keys)().contains(&key.as_str()) {
            self.problems.push(unknown_key(section, &key).coming_from(origin));
        } else if let Err(what) = (section.fits)(&key, &value) {
            let dotted = format!("{}.{key}", section.name);
            let remedy = "see its entry in config/smartqueue.toml";
            self.problems.push(Problem::new(&dotted, what, remedy).coming_from(origin));
        } else {
            self.values.insert((section.name, key), (value, origin.clone()));
        }
    }
}

/// What a text may mean, most literal first: itself, a number, a truth, a list with commas.
fn readings(text: &str) -> impl Iterator<Item = Value> {
    let list = text.split(',').map(|part| Value::String(part.trim().to_owned())).collect();
    [
        Some(Value::String(text.to_owned())),
        text.trim().parse().ok().map(Value::Integer),
        text.trim().parse().ok().map(Value::Boolean),
        Some(Value::Array(list)),
    ]
    .into_iter()
    .flatten()
}

fn parse(path: &Path, text: &str) -> Result<Table, ConfigError> {
    text.parse::<Table>().map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        ConfigError::NotToml { path: path.to_owned(), line, reason: error.message().to_owned() }
    })
}

fn unknown_section(name: &str) -> Problem {
    let all = || SECTIONS.iter().map(|section| section.name);
    let remedy = match nearest(name, all()) {
        Some(meant) => format!("did you mean [{meant}]?"),
        None => format!("the sections are {}", all().collect::<Vec<_>>().join(", ")),
    };
    Problem::new(name, "unknown section", remedy)
}

fn not_a_section(name: &str) -> Problem {
    Problem::new(name, "is a value where a section is wanted", format!("write [{name}] above it"))
}

fn unknown_key(section: &Section, key: &str) -> Problem {
    let remedy = match nearest(key, (section.keys)().iter().copied()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("[{}] knows {}", section.name, (section.keys)().join(", ")),
    };
    Problem::new(&format!("{}.{key}", section.name), "unknown key", remedy)
}

fn unknown_variable(name: &str) -> Problem {
    let asked = name[PREFIX.len()..].to_lowercase();
    let known = || {
        SECTIONS.iter().flat_map(|section| (section.keys)().iter().map(|key| (section.name, *key)))
    };
    // Whoever left the section out wrote a key: compare like with like.
    let shape = |(section, key): (&str, &str)| {
        if asked.contains("__") { format!("{section}__{key}") } else { key.to_owned() }
    };
    let shapes: Vec<String> = known().map(shape).collect();
    let meant = nearest(&asked, shapes.iter().map(String::as_str))
        .and_then(|meant| known().find(|candidate| shape(*candidate) == meant));
    let remedy = match meant {
        Some((section, key)) => {
            format!("did you mean {}?", format!("{PREFIX}{section}__{key}").to_uppercase())
        }
        None => "every key is in config/smartqueue.toml".to_owned(),
    };
    Problem::new(name, "unknown environment variable", remedy)
}
