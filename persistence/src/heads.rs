//! Where the streams end, as the writer knows it: so that an append needs no look-up, and no gap gets in.
//!
//! A head is read from the journal the first time its stream is appended to, and moves on after each commit.
//! Invariant: a known head is what was committed. After any error all heads are forgotten and read again.

use std::collections::{BTreeSet, HashMap};

use domain::TenantId;

use crate::error::AppendError;
use crate::journal::{Head, NewEvent, StreamId, chain};
use crate::sql::Connection;
use crate::table::Link;

/// Heads kept in memory: 80 bytes each, so 16 MiB. Beyond that all are forgotten and read again as needed.
const HEADS_MAX: usize = 200_000;

type Stream = (TenantId, StreamId);

/// The known ends of streams.
#[derive(Debug, Default)]
pub(crate) struct Heads(HashMap<Stream, Head>);

/// The links of a batch's events, and the heads as they are once the batch is committed.
#[derive(Debug)]
pub(crate) struct Linked {
    pub(crate) links: Vec<Link>,
    after: HashMap<Stream, Head>,
}

/// Why events could not be linked.
pub(crate) enum LinkError {
    Conflict(AppendError),
    Database(sqlx::Error),
}

impl Heads {
    /// The streams of `events` whose heads are not known.
    pub(crate) fn unknown(&self, events: &[NewEvent]) -> BTreeSet<Stream> {
        let streams = events.iter().map(|event| (event.tenant, event.stream));
        streams.filter(|stream| !self.0.contains_key(stream)).collect()
    }

    /// Reads heads from the journal.
    pub(crate) async fn learn(
        &mut self,
        connection: &mut Connection<'_>,
        streams: BTreeSet<Stream>,
    ) -> Result<(), sqlx::Error> {
        for stream in streams {
            let head = read_head(connection, stream).await?;
            self.0.insert(stream, head);
        }
        Ok(())
    }

    /// Links each event to the one before it in its stream; their heads are known.
    pub(crate) fn link(&self, events: &[NewEvent]) -> Result<Linked, AppendError> {
        let mut linked = Linked { links: Vec::with_capacity(events.len()), after: HashMap::new() };
        for event in events {
            let stream = (event.tenant, event.stream);
            let known = linked.after.get(&stream).or_else(|| self.0.get(&stream));
            let head = known.copied().unwrap_or_default();
            let next = follow(head, event)?;
            linked.links.push(Link { prev_hash: head.hash, hash: next.hash });
            linked.after.insert(stream, next);
        }
        Ok(linked)
    }

    /// The batch was committed.
    pub(crate) fn advance(&mut self, linked: Linked) {
        if self.0.len() > HEADS_MAX {
            self.0.clear();
        }
        self.0.extend(linked.after);
    }
}

fn follow(head: Head, event: &NewEvent) -> Result<Head, AppendError> {
    if event.version != head.version + 1 {
        let (tenant, stream, version) = (event.tenant, event.stream, event.version);
        return Err(AppendError::VersionConflict { tenant, stream, version, head: head.version });
    }
    Ok(Head { version: event.version, hash: chain::next_hash(&head.hash, event) })
}

/// Where a stream ends, by the journal.
pub(crate) async fn read_head(
    connection: &mut Connection<'_>,
    stream: Stream,
) -> Result<Head, sqlx::Error> {
    let sql = "select version, hash from events where tenant_id = $1 and stream_id = $2
        order by version desc limit 1";
    let record = connection.fetch_first(sql, vec![stream.0.into(), stream.1.into()]).await?;
    record.map_or(Ok(Head::default()), |record| {
        Ok(Head { version: record.int("version")?, hash: record.hash("hash")? })
    })
}

/// The first event of `events` whose place in the journal is taken: what made an insert fail.
pub(crate) async fn find_conflict(
    connection: &mut Connection<'_>,
    events: &[NewEvent],
) -> Result<Option<AppendError>, sqlx::Error> {
    for event in events {
        let (tenant, stream, version) = (event.tenant, event.stream, event.version);
        let head = read_head(connection, (tenant, stream)).await?;
        if version <= head.version {
            return Ok(Some(AppendError::VersionConflict {
                tenant,
                stream,
                version,
                head: head.version,
            }));
        }
    }
    Ok(None)
}
