//! Tenants cannot see each other, asked of the database itself: the attacks, the catalogue, the logins.
//!
//! Everything here speaks SQL as the program's own login could, without the store that would stop it.
//! Always true: a story that finds nothing has first seen that there was something to find.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends here")]

mod attacks;
mod catalogue;
mod login;
mod statements;
mod two;
