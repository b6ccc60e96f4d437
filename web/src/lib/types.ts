// The shapes that cross the wire, named as the API names them. Types only: what
// the pages do not read is not listed, so an added field never breaks a page.

/** Names by language code, e.g. `{fr: "Caisse", en: "Cash desk"}`. */
export type Names = Readonly<Record<string, string>>;

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface Site {
  id: string;
  slug: string;
  name: string;
  timezone: string;
  languages?: string[];
}

export interface Service {
  id: string;
  slug: string;
  names: Names;
}

export interface Counter {
  id: string;
  name: string;
  site_id: string;
}

/** Seconds to wait: nine in ten are called before p90, one in ten before p10. */
export interface Estimate {
  p10_seconds: number;
  p50_seconds: number;
  p90_seconds: number;
  /** The range as people are told it: rounded by the server, and steady. */
  shown?: { from_seconds: number; to_seconds: number };
}

export type QueueState = "open" | "paused" | "closing" | "closed";

export interface TicketClass {
  key: string;
  names: Names;
  rank: number;
  self_service: boolean;
}

export interface Queue {
  id: string;
  name: string;
  site_id: string;
  service_id: string;
  prefix: string;
  state: QueueState;
  full: boolean;
  classes?: TicketClass[];
  waiting: number;
  longest_wait_seconds: number | null;
  agents?: { available: number; busy: number; on_break: number };
  estimate: Estimate | null;
  head?: HeadTicket[];
}

export interface Reason {
  code: string;
  text: string;
}

/** One of the first tickets of a line, with why it stands there. */
export interface HeadTicket {
  id: string;
  number: string;
  class: string;
  state: string;
  arrived_at: string;
  position: number;
  reason: Reason | null;
}

/** The answer to taking a ticket. */
export interface IssuedTicket {
  id: string;
  number: string;
  position?: number;
  ahead?: number;
  estimate?: Estimate;
}

export interface Announced {
  shown: number;
  heard: number;
}

export interface Ticket {
  id: string;
  number: string;
  state: string;
  class: string;
  queue_id: string;
  service_id: string;
  counter?: { id: string; name: string };
  calls: number;
  reason?: Reason;
  arrived_at: string;
  last_called_at?: string;
  started_at?: string;
  announced?: Announced;
  language?: string;
}

export type Presence = "offline" | "available" | "busy" | "wrap_up" | "on_break";

export interface Offer {
  id?: string;
  offer_id?: string;
  ticket: { id: string; number: string; class?: string; queue_id?: string };
  expires_at: string;
}

export interface Me {
  id: string;
  name: string;
  presence: Presence;
  reason?: string | null;
  counter: { id: string; name: string } | null;
  queues: string[];
  ticket: Ticket | null;
  offer: Offer | null;
  dispatch: "pull" | "push";
}

/** One call as the wall shows it. `counter` is the counter's name. */
export interface Call {
  ticket: { id: string; number: string; class: string; queue_id: string; language?: string | null };
  counter: string | null;
  calls: number;
  called_at: string;
  state?: string;
}

export interface SiteSnapshot {
  calls: Call[];
  queues: Pick<Queue, "id" | "name" | "prefix" | "waiting" | "state">[];
  site: Site;
}

/** What a demo server hands to its pages; other servers answer 404. */
export interface DemoSession {
  tenant: string;
  site: Site;
  tokens: {
    kiosk: string;
    display: string;
    agents: { id: string; name: string; email: string; counter: string | null; token: string }[];
    manager: string;
  };
  speed: number;
  seed: number;
}
