// Joins the site's topic to the board and the announcements.
//
// The picture changes at once; the server is told `shown` after the browser has
// painted it and `heard` after the sound has ended. Neither waits for the other.
import type { Signal } from "@preact/signals";
import { signal } from "@preact/signals";
import type { EventFrame } from "../../lib/frames";
import type { Session } from "../../lib/session";
import { Live } from "../../lib/socket";
import type { Call, Site, SiteSnapshot } from "../../lib/types";
import type { Announcement } from "./announce";
import { Announcer } from "./announce";
import type { Board } from "./board";
import { EMPTY, callKey, called, fromSnapshot, left } from "./board";
import { chime } from "./chime";

/** Data older than 7 s is marked as stale, so a sign of life is asked for more often. */
const PING_SECONDS = 3;

/** Events that end a call. Any other event leaves the board as it is. */
const ENDS = [
  "started", "served", "no_show", "requeued", "held", "transferred", "cancelled", "removed", "walked_out", "expired",
].map((name) => `ticket.${name}`);

export class Wall {
  readonly board = signal<Board>(EMPTY);
  readonly site: Signal<Site>;
  readonly live: Live;
  private readonly topic: string;
  private readonly announcer = new Announcer({ play: chime });

  constructor(session: Session, placed: Site) {
    this.site = signal(placed);
    this.topic = `site:${placed.id}`;
    this.live = new Live({ tenant: session.tenant, token: session.token, pingSecondsMax: PING_SECONDS });
  }

  start(): void {
    this.live.subscribe(this.topic, {
      snapshot: (data) => this.replace(data as SiteSnapshot),
      event: (frame) => this.follow(frame),
    });
    this.live.start();
  }

  private replace(snapshot: SiteSnapshot): void {
    const next = fromSnapshot(this.board.value, snapshot, Date.now());
    this.board.value = next.board;
    this.site.value = { ...this.site.value, ...snapshot.site };
    for (const call of next.news) this.announcer.push({ key: callKey(call) });
  }

  private follow(frame: EventFrame): void {
    if (frame.type === "ticket.called" || frame.type === "ticket.recalled") return this.call(frame);
    if (!ENDS.includes(frame.type)) return;
    const id = (frame.data as { ticket?: { id?: string } }).ticket?.id;
    if (id !== undefined) this.board.value = left(this.board.value, id);
  }

  private call(frame: EventFrame): void {
    const call = frame.data as Call;
    this.board.value = called(this.board.value, call, Date.now());
    afterPaint(() => this.live.ack(this.topic, frame.seq, "shown"));
    const announcement: Announcement = { key: callKey(call), heard: () => this.live.ack(this.topic, frame.seq, "heard") };
    this.announcer.push(announcement);
  }
}

/** Runs when what was just rendered is on the glass: the second frame from now. */
function afterPaint(then: () => void): void {
  requestAnimationFrame(() => requestAnimationFrame(() => then()));
}
