//! The report of a day as a letter: a page, the same as text, and the queues as CSV.
//!
//! Invariant: what a person typed is shown as text, never as a part of the page.

use actors::Summary;

use super::DailyReport;
use crate::mail::ReportLetter;
use crate::signin::escaped;

pub(super) fn letter(report: &DailyReport, csv: Vec<u8>) -> ReportLetter {
    let rows = rows(report);
    let text: Vec<String> = rows.iter().map(|row| row.join("  ")).collect();
    let subject = format!("{}: {}", report.site, report.date);
    ReportLetter {
        html: html(&subject, &rows),
        text: format!("{subject}\n\n{}\n", text.join("\n")),
        file: (format!("queues_{}.csv", report.date), csv),
        subject,
    }
}

const HEAD: [&str; 6] = ["", "tickets", "served", "wait p50", "wait p90", "service level"];

fn rows(report: &DailyReport) -> Vec<[String; 6]> {
    let mut rows = vec![HEAD.map(str::to_owned), row("total", &report.wait_times.total)];
    for queue in &report.queue_stats.queues {
        rows.push(row(queue.name.as_deref().unwrap_or("–"), &queue.figures));
    }
    rows
}

fn row(name: &str, of: &Summary) -> [String; 6] {
    let minutes = |seconds: Option<u32>| {
        seconds.map_or_else(|| "–".to_owned(), |secs| format!("{}:{:02}", secs / 60, secs % 60))
    };
    let level = of.service_level.share;
    [
        name.to_owned(),
        of.total_tickets.to_string(),
        of.completed_tickets.to_string(),
        minutes(of.wait.p50_seconds),
        minutes(of.wait.p90_seconds),
        level.map_or_else(|| "–".to_owned(), |share| format!("{:.0} %", share * 100.0)),
    ]
}

fn html(title: &str, rows: &[[String; 6]]) -> String {
    let title = escaped(title);
    let mut page = format!(
        "<!doctype html><meta charset=\"utf-8\"><title>{title}</title><h1>{title}</h1><table>"
    );
    for (place, row) in rows.iter().enumerate() {
        let tag = if place == 0 { "th" } else { "td" };
        page.push_str("<tr>");
        for cell in row {
            page.push_str(&format!("<{tag}>{}</{tag}>", escaped(cell)));
        }
        page.push_str("</tr>");
    }
    page.push_str("</table>");
    page
}
