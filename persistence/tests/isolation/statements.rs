//! Every statement of this crate names the tenant: what SQLite has instead of row-level security.
//!
//! The statements are read from the sources, as the string literals that hold SQL, so that one nobody runs is judged
//! too. A literal that is put together from others is an exception with a reason, and its parts are judged.
//! Always true: an exception that fits nothing any more fails the test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A literal that does not name the tenant, by its file and beginning, and why it need not.
const EXCEPTIONS: [(&str, &str, &str); 9] = [
    (
        "read/configuration.rs",
        "select tenant_id, slug, name",
        "which tenants there are, for the platform; PostgreSQL lets it see this table alone",
    ),
    (
        "save/tenant.rs",
        "select 1 from tenants where slug",
        "a slug belongs to one tenant of all, so all are asked; for the platform",
    ),
    (
        "read/audit.rs",
        "select {COLUMNS} from audit_log where {}",
        "its first condition is `tenant_id = `, see Page::new",
    ),
    ("save/audit.rs", "insert into audit_log ({COLUMNS})", "the columns begin with tenant_id"),
    ("read.rs", "select {} from {} {rest}", "its rest is a literal that begins with where"),
    (
        "read/customer.rs",
        "select {COLUMNS} from customers {rest}",
        "its rest is a literal that begins with where",
    ),
    ("read/list.rs", "where {} order by", "its first condition is `tenant_id = `, see List::new"),
    ("postgres/insert.rs", "t{number} as (insert into", "columns and conflict are a table's own"),
    ("sqlite/insert.rs", "insert into {} ({})", "columns and conflict are a table's own"),
];

/// The tables with a tenant, by the migrations.
fn tables(migrations: &str) -> BTreeSet<String> {
    let parts = migrations.split("create table ").skip(1);
    parts
        .filter_map(|part| part.split_once('('))
        .filter(|(_, rest)| rest.split(';').next().is_some_and(|body| body.contains("tenant_id")))
        .map(|(name, _)| name.trim().to_owned())
        .collect()
}

/// The string literals of a source, without those of comments. Tests stand at the end and are cut off.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap_or_default();
    let letters: Vec<char> = source.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while at < letters.len() {
        match (letters[at], letters.get(at + 1), letters.get(at + 2)) {
            ('/', Some('/'), _) => at = skip_while(&letters, at, |letter| letter != '\n'),
            ('\'', Some('\\'), _) => at = skip_while(&letters, at + 3, |letter| letter != '\'') + 1,
            ('\'', Some(_), Some('\'')) => at += 3,
            ('r', Some('"' | '#'), _) if raw(&letters, at).is_some() => {
                let (text, end) = raw(&letters, at).unwrap();
                found.push(text);
                at = end;
            }
            ('"', ..) => {
                let end = close(&letters, at + 1);
                found.push(letters[at + 1..end].iter().collect());
                at = end + 1;
            }
            _ => at += 1,
        }
    }
    found
}

fn skip_while(letters: &[char], from: usize, go_on: impl Fn(char) -> bool) -> usize {
    from + letters.iter().skip(from).take_while(|letter| go_on(**letter)).count()
}

/// Where the literal that began before `at` ends.
fn close(letters: &[char], mut at: usize) -> usize {
    while at < letters.len() && letters[at] != '"' {
        at += if letters[at] == '\\' { 2 } else { 1 };
    }
    at.min(letters.len())
}

/// The raw literal that begins at `at`, and where it ends.
fn raw(letters: &[char], at: usize) -> Option<(String, usize)> {
    let open = skip_while(letters, at + 1, |letter| letter == '#');
    let hashes = open - at - 1;
    (letters.get(open) == Some(&'"')).then_some(())?;
    let rest: String = letters[open + 1..].iter().collect();
    let (text, _) = rest.split_once(&format!("\"{}", "#".repeat(hashes)))?;
    Some((text.to_owned(), open + 1 + text.chars().count() + 1 + hashes))
}

/// Words and signs of a literal, in small letters.
fn tokens(literal: &str) -> Vec<String> {
    let mut spaced = String::new();
    for letter in literal.replace("\\\n", " ").to_lowercase().chars() {
        if matches!(letter, '(' | ')' | ',' | ';' | '=') {
            spaced.extend([' ', letter, ' ']);
        } else {
            spaced.push(letter);
        }
    }
    spaced.split_whitespace().map(str::to_owned).collect()
}

/// What is wrong with a literal: nothing, for one that is no SQL or about tables without a tenant.
fn wrong(literal: &str, tables: &BTreeSet<String>) -> Option<&'static str> {
    let tokens = tokens(literal);
    let is = |at: usize, word: &str| tokens.get(at).is_some_and(|token| token == word);
    let bare = |token: &String| token.rsplit('.').next().unwrap_or_default().to_owned();
    let table = |at: usize| {
        tokens.get(at).is_some_and(|token| token.starts_with('{') || tables.contains(&bare(token)))
    };
    let sql = tokens
        .iter()
        .any(|token| matches!(token.as_str(), "select" | "insert" | "update" | "delete"));
    let (mut read, mut named) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "from" | "join" | "update" if sql && table(at + 1) && !is(at + 1, "set") => read += 1,
            "into" if sql && table(at + 1) && !(is(at + 2, "(") && is(at + 3, "tenant_id")) => {
                return Some("an insert without the tenant");
            }
            "conflict" if is(at + 1, "(") && !is(at + 2, "tenant_id") => {
                return Some("a conflict that is not the tenant's own");
            }
            _ if bare(token) == "tenant_id" && is(at + 1, "=") => named += 1,
            _ => {}
        }
    }
    if is(0, "where") && named == 0 {
        return Some("a condition without the tenant");
    }
    (named < read).then_some("rows without the tenant")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "testing" {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "testing.rs" && name != "tests.rs" {
            found.push(path);
        }
    }
}

fn all_tables() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let texts = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    tables(&texts.collect::<Vec<_>>().join("\n"))
}

#[test]
fn every_statement_names_the_tenant() {
    let (root, tables) = (Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), all_tables());
    assert!(tables.contains("events") && tables.contains("customers"), "{tables:?}");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut violations, mut used, mut judged) = (Vec::new(), BTreeSet::new(), 0);
    for file in files {
        let name = file.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
        for literal in literals(&std::fs::read_to_string(&file).unwrap()) {
            judged += usize::from(literal.contains("tenant_id = "));
            let Some(wrong) = wrong(&literal, &tables) else { continue };
            let excepted = EXCEPTIONS
                .iter()
                .position(|(file, start, _)| *file == name && literal.starts_with(start));
            match excepted {
                Some(place) => drop(used.insert(place)),
                None => violations.push(format!("{name}: {wrong}: {literal}")),
            }
        }
    }
    assert!(violations.is_empty(), "{}\n", violations.join("\n"));
    assert!(judged > 15, "only {judged} statements were found");
    assert_eq!(used.len(), EXCEPTIONS.len(), "an exception fits nothing: {used:?}");
}

/// What the two statements of a batch are put together from.
#[test]
fn every_table_of_a_batch_begins_with_the_tenant() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/table");
    let mut tables = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for part in source.split("columns: &[").skip(1) {
            assert_eq!(literals(part).first().map(String::as_str), Some("tenant_id"));
            tables += 1;
        }
    }
    assert_eq!(tables, 7);
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/read/list.rs");
    let list = std::fs::read_to_string(list).unwrap();
    assert_eq!(literals(&list)[0], "tenant_id = ", "a list narrows the tenant first");
}

#[test]
fn a_statement_that_forgets_the_tenant_is_caught() {
    let tables = BTreeSet::from(["tickets".to_owned(), "legs".to_owned()]);
    for planted in [
        "select count(*) from tickets",
        "select * from tickets where ticket_id = $1",
        "select t.number from tickets t join legs l on l.ticket_id = t.ticket_id where t.tenant_id = $1",
        "select 1 from tickets where tenant_id = $1 and exists (select 1 from legs)",
        "select 1 from tickets where tenant_id > $1",
        "select 1 from public.tickets",
        "update tickets set state = $1 where ticket_id = $2",
        "delete from tickets",
        "insert into tickets (ticket_id, tenant_id) values ($1, $2)",
        "insert into tickets values ($1, $2)",
        "insert into tickets (tenant_id, ticket_id) values ($1, $2) on conflict (ticket_id) do nothing",
        "on conflict (ticket_id) do update set state = excluded.state",
        "where ticket_id = $1",
        "with gone as (delete from tickets returning 1) select 1 from gone",
        "SELECT 1\n FROM {table}",
    ] {
        assert!(wrong(planted, &tables).is_some(), "{planted}");
    }
    for fine in [
        "select * from tickets t join legs l on l.ticket_id = t.ticket_id where t.tenant_id = $1 and l.tenant_id = $1",
        "insert into tickets (tenant_id, ticket_id) values ($1, $2) on conflict (tenant_id, ticket_id) do update set state = $3",
        "delete from tickets where tenant_id = $1 and ticket_id = $2",
        "select rolname from pg_roles",
        "cannot read a row from tickets",
    ] {
        assert_eq!(wrong(fine, &tables), None, "{fine}");
    }
}

#[test]
fn literals_are_found_wherever_they_stand() {
    let source = "// \"no\"\nlet a = 'x'; let b = '\\''; f::<'a>(\"one \\\" two\"); r#\"three \"x\" \"#; \"four\"";
    assert_eq!(literals(source), ["one \\\" two", "three \"x\" ", "four"]);
}
