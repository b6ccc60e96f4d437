//! Checkpoints: where each tenant's audit log ended, signed, in a file outside the database.
//!
//! One line is one checkpoint, JSON: its number, the time, the heads that moved since the line before, the SHA-256 of
//! that line, and an Ed25519 signature over everything before it. A database that was cut or set back does not reach its
//! last checkpoint. A break that an operator accepted is a line too: it says why, and where the log goes on.
//! Invariant: lines are only added, each is on disk before the next, and a line that was changed or left out is found.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use domain::{TenantId, Timestamp};
use persistence::AuditHead;
use serde::{Deserialize, Serialize};
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

use super::key::{AuditKey, digest, from_hex, hex};

const SIGNATURE: &str = ",\"signature\":\"";
/// What follows the body of a line: the member's name, 128 digits, and the end.
const SIGNATURE_BYTES: usize = SIGNATURE.len() + 128 + 2;
const NO_LINE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Why a checkpoint file cannot be believed.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("audit checkpoints {} cannot be read or written", file.display())]
    File {
        file: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("audit checkpoints {}, line {line}: {reason}", file.display())]
    Line { file: PathBuf, line: usize, reason: &'static str },
}

/// A break that an operator accepted: the log counts again from `from` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pardon {
    /// The first entry that is not as it was written.
    pub first_bad: u64,
    /// Where the log stood when it was accepted.
    pub from: AuditHead,
    pub reason: String,
}

/// What the file says of one tenant.
#[derive(Debug, Clone, Default)]
pub(super) struct Anchors {
    /// In the order of their numbers.
    pub(super) heads: Vec<AuditHead>,
    pub(super) pardons: Vec<Pardon>,
}

#[derive(Serialize, Deserialize)]
struct Place {
    seq: u64,
    hash: String,
}

#[derive(Serialize, Deserialize)]
struct Accepted {
    reason: String,
    /// By tenant, the first bad entry.
    breaks: BTreeMap<uuid::Uuid, u64>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    number: usize,
    at: String,
    heads: BTreeMap<uuid::Uuid, Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    accepted: Option<Accepted>,
    previous: String,
}

/// The file, read to its end.
pub(super) struct Checkpoints {
    file: PathBuf,
    key: AuditKey,
    lines: usize,
    last: String,
    anchors: BTreeMap<TenantId, Anchors>,
    /// Bytes of whole lines; what follows was torn by a crash.
    whole: u64,
}

impl Checkpoints {
    /// Reads and checks the file; none when there is none.
    pub(super) async fn read(file: &Path, key: &AuditKey) -> Result<Option<Self>, CheckpointError> {
        let bytes = match tokio::fs::read(file).await {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(CheckpointError::File { file: file.to_owned(), source }),
        };
        let mut checkpoints = Self::nothing(file, key);
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        checkpoints.whole = u64::try_from(whole).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes[..whole]);
        for text in text.lines() {
            checkpoints.take(text).map_err(|reason| CheckpointError::Line {
                file: file.to_owned(),
                line: checkpoints.lines + 1,
                reason,
            })?;
        }
        if checkpoints.lines == 0 {
            // The first line is on disk before the first entry is written.
            return Ok(None);
        }
        Ok(Some(checkpoints))
    }

    /// Begins a file: from now on, its absence is a break.
    pub(super) async fn begin(
        file: &Path,
        key: &AuditKey,
        at: Timestamp,
    ) -> Result<Self, CheckpointError> {
        let mut checkpoints = Self::nothing(file, key);
        checkpoints.add(at, &BTreeMap::new(), None).await?;
        Ok(checkpoints)
    }

    fn nothing(file: &Path, key: &AuditKey) -> Self {
        let (file, key, last) = (file.to_owned(), key.clone(), NO_LINE.to_owned());
        Self { file, key, lines: 0, last, anchors: BTreeMap::new(), whole: 0 }
    }

    fn take(&mut self, text: &str) -> Result<(), &'static str> {
        let end = text.len().checked_sub(SIGNATURE_BYTES).ok_or("not a checkpoint")?;
        let (body, rest) = text.split_at_checked(end).ok_or("not a checkpoint")?;
        let signature = rest
            .strip_prefix(SIGNATURE)
            .and_then(|rest| rest.strip_suffix("\"}"))
            .ok_or("not a checkpoint")?;
        if !self.key.has_signed(body.as_bytes(), signature) {
            return Err("not signed with this audit key");
        }
        let line: Line =
            serde_json::from_str(&format!("{body}}}")).map_err(|_| "not a checkpoint")?;
        if line.number != self.lines || line.previous != self.last {
            return Err("it does not follow the line before it");
        }
        self.keep(line)?;
        (self.lines, self.last) = (self.lines + 1, digest(text));
        Ok(())
    }

    fn keep(&mut self, line: Line) -> Result<(), &'static str> {
        let breaks = line.accepted.as_ref().map(|accepted| &accepted.breaks);
        for (tenant, place) in &line.heads {
            let hash = from_hex(&place.hash).ok_or("not a checkpoint")?;
            let head = AuditHead { seq: place.seq, hash };
            let anchors = self.anchors.entry(TenantId(*tenant)).or_default();
            if let Some(first_bad) = breaks.and_then(|breaks| breaks.get(tenant)) {
                // What was known from the break on is no longer there.
                anchors.heads.retain(|head| head.seq < *first_bad);
                let reason =
                    line.accepted.as_ref().map_or_else(String::new, |it| it.reason.clone());
                anchors.pardons.push(Pardon { first_bad: *first_bad, from: head, reason });
            }
            anchors.heads.push(head);
        }
        Ok(())
    }

    /// Every tenant that the file knows of.
    pub(super) fn tenants(&self) -> impl Iterator<Item = TenantId> + '_ {
        self.anchors.keys().copied()
    }

    pub(super) fn anchors(&self, tenant: TenantId) -> Anchors {
        self.anchors.get(&tenant).cloned().unwrap_or_default()
    }

    /// The last known end of the tenant's log.
    pub(super) fn last(&self, tenant: TenantId) -> AuditHead {
        let anchors = self.anchors.get(&tenant);
        anchors.and_then(|anchors| anchors.heads.last()).copied().unwrap_or_default()
    }

    /// Adds a line and waits until it is on disk. `accepted` is why, and by tenant the first bad entry.
    pub(super) async fn add(
        &mut self,
        at: Timestamp,
        heads: &BTreeMap<TenantId, AuditHead>,
        accepted: Option<(&str, &BTreeMap<TenantId, u64>)>,
    ) -> Result<(), CheckpointError> {
        let place = |head: &AuditHead| Place { seq: head.seq, hash: hex(&head.hash) };
        let line = Line {
            number: self.lines,
            at: at.to_string(),
            heads: heads.iter().map(|(tenant, head)| (tenant.0, place(head))).collect(),
            accepted: accepted.map(|(reason, breaks)| Accepted {
                reason: reason.to_owned(),
                breaks: breaks.iter().map(|(tenant, seq)| (tenant.0, *seq)).collect(),
            }),
            previous: self.last.clone(),
        };
        let failed = |source| CheckpointError::File { file: self.file.clone(), source };
        let text = self.signed(&line).map_err(|error| failed(error.into()))?;
        self.write(&text).await.map_err(failed)?;
        self.whole += u64::try_from(text.len() + 1).unwrap_or_default();
        (self.lines, self.last) = (self.lines + 1, digest(&text));
        let line_no = self.lines;
        self.keep(line).map_err(|reason| CheckpointError::Line {
            file: self.file.clone(),
            line: line_no,
            reason,
        })
    }

    fn signed(&self, line: &Line) -> serde_json::Result<String> {
        let mut text = serde_json::to_string(line)?;
        text.pop();
        let signature = self.key.sign(text.as_bytes());
        text.push_str(SIGNATURE);
        text.push_str(&signature);
        text.push_str("\"}");
        Ok(text)
    }

    async fn write(&self, text: &str) -> io::Result<()> {
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            tokio::fs::create_dir_all(folder).await?;
        }
        let mut options = OpenOptions::new();
        let mut open = options.create(true).truncate(false).write(true).open(&self.file).await?;
        // What a crash left behind the last whole line goes.
        open.set_len(self.whole).await?;
        tokio::io::AsyncSeekExt::seek(&mut open, io::SeekFrom::End(0)).await?;
        open.write_all(format!("{text}\n").as_bytes()).await?;
        open.sync_all().await?;
        if self.lines == 0 {
            File::open(folder.unwrap_or_else(|| Path::new("."))).await?.sync_all().await?;
        }
        Ok(())
    }
}
