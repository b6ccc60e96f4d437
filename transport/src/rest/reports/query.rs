//! What may be asked of every report.
//!
//! Dates are read here and not by the extractor, so that a wrong one is named.
//! Invariant: what passes is typed; whether the tenant has it is for the report to say.

use actors::ReportQuery;
use domain::{AgentId, LocalDay, QueueId, ServiceId, SiteId};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::problem::Problem;
use crate::reports::ReportFormat;

/// The fewest legs of a group may be asked to be at most this many.
const PRIVACY_MAX: u32 = 1_000;

/// Which legs, and in which form.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ReportParameters {
    /// First day, on each site's own calendar; 29 days before the last one when left out.
    #[param(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-03-01")]
    start_date: Option<String>,
    /// Last day, included; today when left out. At most 1,827 days.
    #[param(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", example = "2026-03-30")]
    end_date: Option<String>,
    site_id: Option<Uuid>,
    service_id: Option<Uuid>,
    queue_id: Option<Uuid>,
    agent_id: Option<Uuid>,
    #[serde(default)]
    #[param(inline, required = false)]
    format: Format,
    /// Shows no figures of a group with fewer legs than this.
    #[param(minimum = 2, maximum = 1000, example = 5)]
    privacy: Option<u32>,
}

/// json, csv (RFC 4180) or xlsx.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Json,
    Csv,
    Xlsx,
}

impl ReportParameters {
    /// # Errors
    /// 400 naming the parameter that cannot be meant.
    pub(super) fn read(&self) -> Result<(ReportQuery, ReportFormat), Problem> {
        if self.privacy.is_some_and(|least| !(2..=PRIVACY_MAX).contains(&least)) {
            return Err(Problem::invalid_parameter("privacy", "give 2 to 1000, or leave it out"));
        }
        let query = ReportQuery {
            from: day("start_date", self.start_date.as_deref())?,
            to: day("end_date", self.end_date.as_deref())?,
            site: self.site_id.map(SiteId),
            service: self.service_id.map(ServiceId),
            queue: self.queue_id.map(QueueId),
            agent: self.agent_id.map(AgentId),
            at_least: self.privacy,
        };
        let format = match self.format {
            Format::Json => ReportFormat::Json,
            Format::Csv => ReportFormat::Csv,
            Format::Xlsx => ReportFormat::Xlsx,
        };
        Ok((query, format))
    }
}

/// A day of this century.
pub(super) fn day(name: &str, text: Option<&str>) -> Result<Option<LocalDay>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let date = text.parse::<jiff::civil::Date>().ok();
    let date = date.filter(|date| text.len() == 10 && (2000..2100).contains(&date.year()));
    let date = date.ok_or_else(|| {
        Problem::invalid_parameter(name, "give a date of this century, such as 2026-03-30")
    })?;
    Ok(Some(LocalDay(date)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_date_and_nothing_else() {
        let read = |text| day("start_date", Some(text));
        assert_eq!(read("2026-03-30").unwrap().unwrap().to_string(), "2026-03-30");
        for bad in ["", "2026-02-30", "2026-3-30", "30/03/2026", "2026-03-30T10:00", "1999-12-31"] {
            let problem = read(bad).unwrap_err().to_value(None, None);
            assert_eq!(problem["errors"][0]["parameter"], "start_date", "{bad}");
        }
        assert_eq!(day("end_date", None).unwrap(), None);
    }
}
