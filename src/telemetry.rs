//! Logs: one subscriber, installed once, writing text or JSON to stderr (stdout is data).
//!
//! The filter is the operator's, plus one directive of ours: ractor wraps each actor in a span that
//! lives as long as the actor, which would stand before every line; it is off unless asked for by name.
//!
//! Invariant: directives match by prefix. `ractor=warn` therefore also rules every target that merely
//! begins with those letters, so our own directive names the full module, `ractor::actor`.

use std::io::{self, IsTerminal};

use anyhow::{Context, anyhow};
use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::fmt::{MakeWriter, SubscriberBuilder};

use crate::config::{LogConfig, LogFormat};

/// The target of ractor's per-actor span.
const ACTOR_SPAN: &str = "ractor::actor";

/// Installs the subscriber for the whole process.
///
/// # Errors
/// When the filter cannot be parsed, or a subscriber is installed already.
pub fn init(log: &LogConfig) -> anyhow::Result<()> {
    let colours = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let subscriber = subscriber(log, colours, io::stderr)?;
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| anyhow!("logs are being written already: {error}"))
}

/// The filter that `text` describes, with ractor's per-actor span off unless `text` names it.
///
/// # Errors
/// When `text` is not in the language of `RUST_LOG`.
pub fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    let filter = EnvFilter::builder().parse(text)?;
    if text.contains(ACTOR_SPAN) {
        return Ok(filter);
    }
    Ok(filter.add_directive(format!("{ACTOR_SPAN}=off").parse()?))
}

fn subscriber<W>(
    log: &LogConfig,
    colours: bool,
    writer: W,
) -> anyhow::Result<Box<dyn Subscriber + Send + Sync>>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = filter(&log.filter).with_context(|| format!("log.filter {:?}", log.filter))?;
    let plain = SubscriberBuilder::default().with_env_filter(filter).with_writer(writer);
    Ok(match log.format {
        LogFormat::Text => Box::new(plain.with_ansi(colours).finish()),
        LogFormat::Json => Box::new(plain.json().flatten_event(true).finish()),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What a subscriber with this `format` and `filter` writes while `act` runs.
    fn written(format: LogFormat, filter: &str, act: impl FnOnce()) -> String {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let log = LogConfig { format, filter: filter.to_owned() };
        let into = Arc::clone(&bytes);
        let subscriber = subscriber(&log, false, move || Tap(Arc::clone(&into))).unwrap();
        tracing::subscriber::with_default(subscriber, act);
        let bytes = bytes.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    struct Tap(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Tap {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_of_text_carries_its_sentence_and_its_fields() {
        let text = written(LogFormat::Text, "info", || {
            tracing::info!(queue.id = "q1", "queue q1 opened");
            tracing::debug!("not at this level");
        });
        assert!(text.contains("queue q1 opened") && text.contains("queue.id=\"q1\""), "{text}");
        assert!(!text.contains("not at this level"), "{text}");
    }

    #[test]
    fn a_json_line_is_one_object_with_dotted_fields() {
        let text = written(LogFormat::Json, "info", || {
            tracing::info!(queue.id = "q1", "queue q1 opened");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&line["message"], &line["queue.id"]),
            (&"queue q1 opened".into(), &"q1".into())
        );
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{text}");
    }

    #[test]
    fn the_span_of_each_actor_is_off_unless_it_is_named() {
        let act = || tracing::error!(target: "ractor::actor::actor_cell", "noise");
        assert_eq!(written(LogFormat::Text, "trace", act), "");
        assert!(written(LogFormat::Text, "ractor::actor=trace", act).contains("noise"));
    }

    #[test]
    fn our_own_directive_silences_no_target_that_merely_begins_like_ractor() {
        let act = || tracing::error!(target: "ractor_bridge", "heard");
        assert!(written(LogFormat::Text, "info", act).contains("heard"));
    }

    #[test]
    fn a_filter_that_cannot_be_parsed_is_refused() {
        assert!(filter("info,=x=y").is_err());
    }
}
