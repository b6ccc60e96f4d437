//! The two ways out: data on stdout, talk on stderr.
//!
//! Nothing else of the command line prints. Invariant: a reader who closes the pipe causes an error that
//! can be told from others, never a panic.

use std::fmt::Display;
use std::io::{self, Write};

use serde::Serialize;

/// Writes a line of data to stdout.
///
/// # Errors
/// When stdout takes no more, such as a closed pipe.
pub(crate) fn print(line: &dyn Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Writes data to stdout as it is.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}

/// Writes `value` to stdout as JSON with line breaks.
///
/// # Errors
/// As [`print`].
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(print(&text)?)
}

/// Writes a line of talk to stderr; where nobody hears it, nothing is lost.
pub(crate) fn complain(line: &dyn Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
