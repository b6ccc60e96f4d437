//! Stories against the real program: the whole application on a port of its own, over HTTP and sockets, on both databases.
//!
//! A story is an async function of a running [`app::App`]. `stories!` makes two tests of each, `sqlite::…` and
//! `postgres::…`; every one ends with an audit: what lives is what the journal says, with and without snapshots.
//! Invariant: no story shares anything with another but the PostgreSQL server.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a story that cannot go on ends here")]

/// Makes a test of each story on each database. `at INSTANT;` in front stops the program's clock there.
macro_rules! stories {
    (at $start:literal; $($story:ident),+ $(,)?) => { stories!(@ Some($start); $($story),+); };
    ($($story:ident),+ $(,)?) => { stories!(@ None; $($story),+); };
    (@ $start:expr; $($story:ident),+) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    let database = persistence::testing::TestDatabase::sqlite();
                    let mut app = Box::pin(crate::app::App::start(database, $start)).await;
                    Box::pin(super::$story(&mut app)).await;
                    Box::pin(app.end()).await;
                }
            )+
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $story() {
                    let database = Box::pin(persistence::testing::TestDatabase::postgres()).await;
                    let Some(database) = database else { return };
                    let mut app = Box::pin(crate::app::App::start(database, $start)).await;
                    Box::pin(super::$story(&mut app)).await;
                    Box::pin(app.end()).await;
                }
            )+
        }
    };
}

mod app;
mod audit;
mod audit_controls;
mod branch;
mod client;
mod document;
mod socket;

mod access;
mod agents;
mod alerts;
mod api_keys;
mod audit_log;
mod calling;
mod capacity;
mod commands_by_socket;
mod daily_reports;
mod days;
mod devices;
mod displays;
mod estimates;
mod figures;
mod histograms;
mod isolation;
mod issuing;
mod keys;
mod ladder;
mod leaving;
mod links;
mod metrics;
mod offers;
mod overload;
mod planning;
mod privacy;
mod prometheus;
mod queues;
mod recovery;
mod reports;
mod resources;
mod resume;
mod routes;
mod sign_in;
mod sockets;
mod standing;
mod supervision;
mod transfer;
mod transitions;
mod versions;
