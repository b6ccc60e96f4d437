// The agent's own state and the commands of the day.
//
// The server's view is the truth: a number appears only when the server has
// confirmed it. One command is under way at a time, and none starts while the line
// is down. Every answer and every event of the agent's topic is followed by a fresh
// reading, of which only the newest counts.
import { signal } from "@preact/signals";
import type { Api } from "../../lib/api";
import { Problem } from "../../lib/api";
import type { EventFrame } from "../../lib/frames";
import type { Session } from "../../lib/session";
import { Live } from "../../lib/socket";
import type { Me, Offer, Page, Queue, Ticket } from "../../lib/types";
import type { Gesture } from "./gestures";
import { gestures } from "./gestures";
import { Queues } from "./queues";

/** A line is proved alive this often: an agent must not call into a dead one. */
const PING_SECONDS = 5;
const RETRY_MS = 3_000;

/** What can be under way: a gesture, or one of the two that stand outside the buttons. */
export type Action = Gesture | "resume" | "counter";

export type Notice =
  | { kind: "done"; gesture: Action }
  | { kind: "failed"; gesture: Action; problem: Problem }
  | { kind: "nobody" | "suspended" | "unavailable" };

export class Desk {
  readonly me = signal<Me | null>(null);
  readonly notice = signal<Notice | null>(null);
  /** The command under way. */
  readonly sending = signal<Action | null>(null);
  readonly parked = signal<readonly Ticket[]>([]);
  /** True while the agent is choosing where to transfer the ticket in hand. */
  readonly choosingTarget = signal(false);
  readonly live: Live;
  readonly queues: Queues;
  private reading = 0;

  /** `usualCounter` is the name or id of the counter proposed at sign-in. */
  constructor(
    session: Session,
    private readonly api: Api,
    siteId: string,
    private readonly usualCounter: string | null = null,
  ) {
    this.live = new Live({ tenant: session.tenant, token: session.token, pingSecondsMax: PING_SECONDS });
    this.queues = new Queues(api, this.live, siteId);
  }

  async start(): Promise<void> {
    await this.refresh();
    const me = this.me.value;
    if (me === null) {
      setTimeout(() => void this.start(), RETRY_MS);
      return;
    }
    this.live.subscribe(`agent:${me.id}`, {
      snapshot: (data) => this.take(data as Me),
      event: (frame) => this.follow(frame),
    });
    this.queues.start(me.queues);
    this.live.start();
    void this.readParked();
    await this.queues.readCounters();
    this.proposeCounter();
  }

  private proposeCounter(): void {
    const usual = this.me.value?.counter?.id ?? this.usualCounter;
    const found = this.queues.counters.value.find((counter) => counter.id === usual || counter.name === usual);
    if (chosenCounter.value === "" && found !== undefined) chosenCounter.value = found.id;
  }

  /** Carries out a gesture, if it is one that makes sense now. */
  async perform(gesture: Gesture): Promise<void> {
    const me = this.me.value;
    if (me === null || this.sending.value !== null) return;
    if (this.live.link.value !== "live") return this.tell({ kind: "suspended" });
    if (!gestures(me).includes(gesture)) return this.tell({ kind: "unavailable" });
    if (gesture === "transfer") {
      this.queues.readTargets();
      this.choosingTarget.value = true;
      return;
    }
    await this.send(gesture, () => this.command(gesture, me));
  }

  async transferTo(queue: Queue): Promise<void> {
    const ticket = this.me.value?.ticket;
    this.choosingTarget.value = false;
    if (ticket == null) return;
    await this.send("transfer", () => this.api.post(`/tickets/${ticket.id}/transfer`, { queue_id: queue.id }));
  }

  async resume(ticket: Ticket): Promise<void> {
    await this.send("resume", () => this.api.post(`/tickets/${ticket.id}/resume`));
  }

  async chooseCounter(counterId: string): Promise<void> {
    chosenCounter.value = counterId;
    if (this.me.value?.presence === "offline" || counterId === "") return;
    await this.send("counter", () => this.api.post("/agents/me/counter", { counter_id: counterId }));
  }

  private async command(gesture: Gesture, me: Me): Promise<unknown> {
    const ticket = me.ticket === null ? "" : `/tickets/${me.ticket.id}`;
    const offer = me.offer === null ? "" : `/offers/${me.offer.id ?? me.offer.offer_id}`;
    switch (gesture) {
      case "sign_in":
        return this.api.post("/agents/me/sign-in", chosenCounter.value === "" ? {} : { counter_id: chosenCounter.value });
      case "sign_out":
        return this.api.post("/agents/me/sign-out");
      case "pause":
        return this.api.post("/agents/me/set-status", { presence: "on_break" });
      case "end_break":
      case "ready":
        return this.api.post("/agents/me/set-status", { presence: "available" });
      case "call_next":
        return this.callNext(me);
      case "accept":
      case "reject":
        return this.api.post(`${offer}/${gesture}`);
      case "no_show":
        return this.api.post(`${ticket}/no-show`);
      case "start":
      case "finish":
      case "recall":
      case "hold":
      case "requeue":
        return this.api.post(`${ticket}/${gesture}`);
      case "transfer":
        return null;
    }
  }

  private async callNext(me: Me): Promise<void> {
    const ticket = await this.api.post<Ticket>("/agents/me/call-next");
    if (ticket === null) this.tell({ kind: "nobody" });
    else this.me.value = { ...(this.me.value ?? me), ticket };
  }

  private async send(gesture: Action, run: () => Promise<unknown>): Promise<void> {
    if (this.sending.value !== null) return;
    if (this.live.link.value !== "live") return this.tell({ kind: "suspended" });
    this.sending.value = gesture;
    this.choosingTarget.value = false;
    this.tell(null);
    try {
      await run();
      if (this.notice.value === null) this.tell({ kind: "done", gesture });
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, "page_error", String(error), "");
      this.tell({ kind: "failed", gesture, problem });
    }
    await this.refresh();
    this.sending.value = null;
    if (gesture === "hold" || gesture === "resume") void this.readParked();
  }

  private follow(frame: EventFrame): void {
    const me = this.me.value;
    if (me === null) return;
    const data = frame.data as Record<string, unknown>;
    if (frame.type === "ticket.announced" && me.ticket !== null && data["ticket_id"] === me.ticket.id) {
      const announced = { shown: Number(data["shown"] ?? 0), heard: Number(data["heard"] ?? 0) };
      this.me.value = { ...me, ticket: { ...me.ticket, announced } };
      return;
    }
    if (frame.type === "ticket.offered") this.me.value = { ...me, offer: data as unknown as Offer };
    void this.refresh();
  }

  private take(me: Me): void {
    this.reading++;
    this.me.value = me;
  }

  private async refresh(): Promise<void> {
    const mine = ++this.reading;
    try {
      const me = await this.api.get<Me>("/agents/me");
      if (mine === this.reading) this.me.value = me;
    } catch {
      // The picture stays as it was; the next event or command reads again.
    }
  }

  /** Tickets this agent has parked. A server without this list leaves it empty. */
  private async readParked(): Promise<void> {
    const me = this.me.value;
    if (me === null) return;
    try {
      const page = await this.api.get<Page<Ticket>>(`/tickets?status=held&agent=${me.id}`);
      this.parked.value = page.items;
    } catch {
      this.parked.value = [];
    }
  }

  private tell(notice: Notice | null): void {
    this.notice.value = notice;
  }
}

/** The counter picked in the list; empty for none. */
export const chosenCounter = signal("");
