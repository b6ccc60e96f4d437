//! What is said of an alert: a title, the figures, and what would help; as a letter and in the forms of two chats.
//!
//! Invariant: names that a tenant chose are text, in every form: they mark nothing up and ping nobody.

use actors::{AlertFacts, ChatFormat, Tenant};
use domain::AlertKind;
use persistence::AlertRow;
use serde_json::{Value, json};

/// One alert in words.
pub(super) struct Message {
    pub(super) title: String,
    lines: Vec<String>,
}

/// What is told of the alert as it stands.
pub(super) fn turn(row: &AlertRow) -> &'static str {
    if row.cleared_at.is_some() { "cleared" } else { "raised" }
}

impl Message {
    pub(super) fn of(row: &AlertRow, tenant: &Tenant) -> Self {
        let site = tenant.directory().site(row.site).map(|site| site.body.name.clone());
        Self::new(row, site.as_deref().unwrap_or_default())
    }

    fn new(row: &AlertRow, site: &str) -> Self {
        let facts: Option<AlertFacts> = serde_json::from_str(&row.facts).ok();
        let name = facts.as_ref().map(|facts| facts.name.as_str()).unwrap_or_default();
        let place = format!("{name} ({site})");
        let what = what(&row.kind);
        let Some(cleared_at) = row.cleared_at else {
            let title = format!("Alert: {place}: {what}");
            let mut lines = vec![format!("Since {}.", row.raised_at)];
            lines.extend(facts.as_ref().and_then(figures));
            lines.extend(facts.map(|facts| format!("What would help: {}.", facts.remedy.text)));
            return Self { title, lines };
        };
        let title = format!("Over: {place}: {what}");
        Self { title, lines: vec![format!("From {} to {cleared_at}.", row.raised_at)] }
    }

    pub(super) fn letter(&self) -> String {
        format!("{}\n\n{}\n", self.title, self.lines.join("\n"))
    }

    pub(super) fn chat(&self, format: ChatFormat) -> Value {
        let text = self.lines.join("\n");
        match format {
            ChatFormat::Slack => {
                json!({ "text": format!("*{}*\n{}", for_slack(&self.title), for_slack(&text)) })
            }
            ChatFormat::Teams => json!({
                "type": "message",
                "attachments": [{
                    "contentType": "application/vnd.microsoft.card.adaptive",
                    "content": {
                        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                        "type": "AdaptiveCard",
                        "version": "1.4",
                        "body": [
                            { "type": "TextBlock", "text": for_teams(&self.title), "weight": "Bolder", "wrap": true },
                            { "type": "TextBlock", "text": for_teams(&text), "wrap": true },
                        ],
                    },
                }],
            }),
        }
    }
}

fn what(kind: &str) -> &str {
    match kind.parse() {
        Ok(AlertKind::Capacity) => "the queue is nearly full",
        Ok(AlertKind::SlaBreach) => "too few are within their target",
        Ok(AlertKind::NobodyServing) => "people wait and nobody serves",
        Ok(AlertKind::WaitOverTwiceTarget) => "somebody has waited far beyond the target",
        Ok(AlertKind::DeviceOffline) => "the device is offline",
        Err(()) => kind,
    }
}

/// None for a device.
fn figures(facts: &AlertFacts) -> Option<String> {
    let (waiting, serving) = (facts.waiting?, facts.serving?);
    let (longest, target) = (facts.longest_wait_seconds? / 60, facts.target_seconds? / 60);
    Some(format!(
        "{waiting} waiting, {serving} serving, longest wait {longest} min, target {target} min."
    ))
}

/// The three signs that mean something to Slack, as its own documentation wants them.
fn for_slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Adaptive cards read a little Markdown: links and emphasis.
fn for_teams(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '\\' | '*' | '_' | '[' | ']' | '`' | '#' | '<' | '>') {
            plain.push('\\');
        }
        plain.push(letter);
    }
    plain
}

#[cfg(test)]
mod tests {
    use domain::{SiteId, TenantId, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn alert(name: &str) -> AlertRow {
        let remedy =
            json!({ "action": "start_serving", "text": "have an agent sign in and serve" });
        AlertRow {
            tenant: TenantId(Uuid::nil()),
            id: Uuid::nil(),
            kind: "nobody_serving".to_owned(),
            subject: Uuid::nil(),
            site: SiteId(Uuid::nil()),
            raised_at: Timestamp::from_secs(0),
            cleared_at: None,
            acknowledged_by: None,
            acknowledged_at: None,
            facts: json!({ "name": name, "waiting": 3, "serving": 0, "longest_wait_seconds": 720,
                "target_seconds": 600, "remedy": remedy })
            .to_string(),
            delivery: "null".to_owned(),
            to_deliver: true,
        }
    }

    #[test]
    fn an_alert_is_told_with_its_figures_and_what_would_help() {
        let message = Message::new(&alert("Cash"), "Dakar");
        assert_eq!(message.title, "Alert: Cash (Dakar): people wait and nobody serves");
        let letter = message.letter();
        assert!(letter.contains("3 waiting, 0 serving, longest wait 12 min, target 10 min."));
        assert!(letter.contains("What would help: have an agent sign in and serve."), "{letter}");
        let over = AlertRow { cleared_at: Some(Timestamp::from_secs(60)), ..alert("Cash") };
        assert!(Message::new(&over, "Dakar").title.starts_with("Over: Cash (Dakar)"));
    }

    #[test]
    fn a_name_marks_nothing_up_and_pings_nobody() {
        let message = Message::new(&alert("<!channel> [x](https://evil) & *b*"), "Dakar");
        let slack = message.chat(ChatFormat::Slack)["text"].as_str().unwrap().to_owned();
        assert!(slack.contains("&lt;!channel&gt; [x](https://evil) &amp; *b*"), "{slack}");
        let teams = message.chat(ChatFormat::Teams);
        let title = &teams["attachments"][0]["content"]["body"][0]["text"];
        assert!(
            title.as_str().unwrap().contains(r"\<!channel\> \[x\](https://evil) & \*b\*"),
            "{title}"
        );
    }
}
