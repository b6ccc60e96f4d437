//! Lists of tickets, page by page.
//!
//! The order is (time of issue, id). The cursor holds the last place shown, so a page costs the same however deep it
//! is, and tickets that come or change meanwhile neither repeat nor hide others.
//!
//! Invariant: what a caller sends travels as a parameter; the statement is made of this file's words only.

use domain::{TenantId, TicketId, Timestamp};
use uuid::Uuid;

use super::{Query, select};
use crate::error::StoreError;
use crate::rows::{TicketFilter, TicketOrder, TicketPage, TicketRow};
use crate::sql::{Connection, Value};
use crate::store::PAGE_ROWS_MAX;
use crate::table;

/// One page about to be read.
pub(crate) struct List {
    conditions: Vec<String>,
    values: Vec<Value>,
    order: TicketOrder,
    limit: usize,
}

impl List {
    pub(crate) fn new(
        tenant: TenantId,
        filter: &TicketFilter,
        limit: u32,
        cursor: Option<&str>,
    ) -> Result<Self, StoreError> {
        let limit = usize::try_from(limit.clamp(1, PAGE_ROWS_MAX)).unwrap_or(1);
        let mut list =
            Self { conditions: Vec::new(), values: Vec::new(), order: filter.order, limit };
        list.only("tenant_id = ", tenant);
        list.narrow(filter);
        if let Some(cursor) = cursor {
            list.after(parse_cursor(cursor)?);
        }
        Ok(list)
    }

    fn narrow(&mut self, filter: &TicketFilter) {
        self.any_state(&filter.states);
        filter.queue.into_iter().for_each(|queue| self.only("queue_id = ", queue));
        filter.site.into_iter().for_each(|site| self.only("site_id = ", site));
        filter.agent.into_iter().for_each(|agent| self.only("agent_id = ", agent));
        filter.channel.iter().for_each(|channel| self.only("channel = ", channel.as_str()));
        filter.from.into_iter().for_each(|from| self.only("issued_at >= ", from));
        filter.to.into_iter().for_each(|to| self.only("issued_at < ", to));
        if let Some(text) = &filter.text {
            let place = self.place(prefix_pattern(text));
            self.conditions.push(format!("upper(number) like {place} escape '\\'"));
        }
    }

    fn only(&mut self, condition: &'static str, value: impl Into<Value>) {
        let place = self.place(value);
        self.conditions.push(format!("{condition}{place}"));
    }

    fn any_state(&mut self, states: &[String]) {
        if states.is_empty() {
            return;
        }
        let places: Vec<String> = states.iter().map(|state| self.place(state.as_str())).collect();
        self.conditions.push(format!("state in ({})", places.join(", ")));
    }

    fn after(&mut self, (issued_at, ticket): (Timestamp, TicketId)) {
        let (issued_at, ticket) = (self.place(issued_at), self.place(ticket));
        let beyond = match self.order {
            TicketOrder::Newest => "<",
            TicketOrder::Oldest => ">",
        };
        self.conditions.push(format!("(issued_at, ticket_id) {beyond} ({issued_at}, {ticket})"));
    }

    /// Adds a parameter and returns how the statement names it.
    fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    pub(crate) async fn fetch(
        self,
        connection: &mut Connection<'_>,
    ) -> Result<TicketPage, StoreError> {
        let order = match self.order {
            TicketOrder::Newest => "issued_at desc, ticket_id desc",
            TicketOrder::Oldest => "issued_at, ticket_id",
        };
        // One row more than shown tells whether there is another page.
        let rest = format!(
            "where {} order by {order} limit {}",
            self.conditions.join(" and "),
            self.limit + 1
        );
        let query = Query { table: "tickets", read: table::read_ticket };
        let mut tickets =
            query.all(connection, select(&table::TICKETS, &rest), self.values).await?;
        let more = tickets.len() > self.limit;
        tickets.truncate(self.limit);
        let next = tickets.last().filter(|_| more).map(cursor_after);
        Ok(TicketPage { tickets, next })
    }
}

/// The pattern for numbers that begin with `text`, which may itself hold the pattern's signs.
fn prefix_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 1);
    for letter in text.chars().flat_map(char::to_uppercase) {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

fn cursor_after(last: &TicketRow) -> String {
    format!("{}.{}", last.issued_at.0, last.ticket.0.simple())
}

fn parse_cursor(cursor: &str) -> Result<(Timestamp, TicketId), StoreError> {
    let (issued_at, ticket) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    let issued_at = issued_at.parse().map_err(|_| StoreError::BadCursor)?;
    let ticket = Uuid::try_parse(ticket).map_err(|_| StoreError::BadCursor)?;
    Ok((Timestamp(issued_at), TicketId(ticket)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_means_its_own_signs() {
        assert_eq!(prefix_pattern("a0_%"), "A0\\_\\%%");
    }

    #[test]
    fn a_cursor_that_is_not_ours_is_refused() {
        for cursor in ["", ".", "12", "12.x", "x.01890a5dac96774bbcceb302099a8057"] {
            assert!(matches!(parse_cursor(cursor), Err(StoreError::BadCursor)), "{cursor}");
        }
    }
}
