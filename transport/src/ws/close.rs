//! Why a socket ends, as the number its close frame carries.
//!
//! The outbox, the wire and the session each have their own reasons; here they become one closed list.
//! Invariant: a code, once published, never changes its meaning.

use axum::extract::ws::{CloseFrame, Utf8Bytes};
use outbox::Reason;

/// How a conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Close {
    /// The peer left or is gone: there is nobody to tell.
    Silent,
    GoingAway,
    /// The bytes are not a WebSocket conversation.
    Protocol,
    BadUtf8,
    TooBig,
    Restart,
    BadFrame,
    Unauthenticated,
    Forbidden,
    NoAuth,
    EpochChanged,
    TooFast,
    TooSlow,
}

impl Close {
    /// What the close frame says; none when there is nobody to tell.
    pub(crate) fn frame(self) -> Option<CloseFrame> {
        let (code, reason) = match self {
            Self::Silent => return None,
            Self::GoingAway => (1001, "going away"),
            Self::Protocol => (1002, "protocol error"),
            Self::BadUtf8 => (1007, "not UTF-8"),
            Self::TooBig => (1009, "message too big"),
            Self::Restart => (1012, "restart"),
            Self::BadFrame => (4400, "bad frame"),
            Self::Unauthenticated => (4401, "unauthenticated or expired"),
            Self::Forbidden => (4403, "forbidden"),
            Self::NoAuth => (4408, "not authenticated in time"),
            Self::EpochChanged => (4409, "epoch changed"),
            Self::TooFast => (4429, "too fast"),
            Self::TooSlow => (4508, "too slow"),
        };
        Some(CloseFrame { code, reason: Utf8Bytes::from_static(reason) })
    }

    /// The peer was cut off in the middle of something: it may still be sending, and hears us if we linger.
    pub(crate) const fn leaves_bytes_unread(self) -> bool {
        matches!(self, Self::TooBig | Self::Protocol | Self::BadUtf8)
    }

    /// What the failure of a read means. The library's error type is not ours to name, but its texts begin alike.
    pub(crate) fn of_read_error(error: &axum::Error) -> Self {
        let text = error.to_string();
        if text.starts_with("Space limit exceeded") {
            Self::TooBig
        } else if text.starts_with("UTF-8") {
            Self::BadUtf8
        } else if text.starts_with("WebSocket protocol error")
            && !text.contains("without closing handshake")
        {
            Self::Protocol
        } else {
            Self::Silent
        }
    }
}

impl From<Reason> for Close {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::TooSlow => Self::TooSlow,
            Reason::GoingAway => Self::GoingAway,
            Reason::Restart => Self::Restart,
            Reason::Unauthenticated => Self::Unauthenticated,
            Reason::Forbidden => Self::Forbidden,
            Reason::EpochChanged => Self::EpochChanged,
            Reason::TooFast => Self::TooFast,
            Reason::ReaderGone => Self::Silent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_an_outbox_has_the_documented_code() {
        let code = |reason| Close::from(reason).frame().map(|frame| frame.code);
        assert_eq!(code(Reason::GoingAway), Some(1001));
        assert_eq!(code(Reason::Restart), Some(1012));
        assert_eq!(code(Reason::Unauthenticated), Some(4401));
        assert_eq!(code(Reason::Forbidden), Some(4403));
        assert_eq!(code(Reason::EpochChanged), Some(4409));
        assert_eq!(code(Reason::TooFast), Some(4429));
        assert_eq!(code(Reason::TooSlow), Some(4508));
        assert_eq!(code(Reason::ReaderGone), None);
    }

    #[test]
    fn a_failed_read_says_what_was_wrong_with_the_bytes() {
        let said = |text: &str| Close::of_read_error(&axum::Error::new(text.to_owned()));
        assert_eq!(said("Space limit exceeded: Message too long: 70000 > 65536"), Close::TooBig);
        assert_eq!(said("UTF-8 encoding error: invalid utf-8 sequence"), Close::BadUtf8);
        assert_eq!(said("WebSocket protocol error: Reserved bits are non-zero"), Close::Protocol);
        let cut = "WebSocket protocol error: Connection reset without closing handshake";
        assert_eq!(said(cut), Close::Silent);
        assert_eq!(said("IO error: broken pipe"), Close::Silent);
    }
}
