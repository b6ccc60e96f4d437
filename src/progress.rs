//! A bar that shows how far a long command has got.
//!
//! Invariant: it draws on stderr, and only when that is a terminal.

use indicatif::{ProgressBar, ProgressStyle};

/// A bar of that many steps.
pub(crate) fn bar(steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps);
    let style = ProgressStyle::with_template(
        "{bar:40} {percent:>3} %  {msg}  {elapsed} of about {duration}",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar
}
