// One customer at the kiosk, from the first touch to the cleared screen.
//
// A visit has one idempotency key and asks for one ticket: a double tap, a repeat
// after silence and "try again" all carry the same key and the same wish, so they
// end in the same ticket. Only a cleared screen begins a new visit.
import { signal } from "@preact/signals";
import type { Api } from "../../lib/api";
import { Problem } from "../../lib/api";
import { freshKey } from "../../lib/keys";
import type { IssuedTicket, Queue } from "../../lib/types";

/** How long a number stays on the screen. */
export const SHOWN_MS = 8_000;
/** The second half of a double tap must not act on the screen the first has just brought. */
const DEAF_MS = 700;

export interface Wish {
  queue: Queue;
  classKey: string | null;
}

export type Screen =
  | { at: "home" }
  | { at: "class"; queue: Queue }
  | { at: "taking"; wish: Wish }
  | { at: "ticket"; wish: Wish; ticket: IssuedTicket; until: number }
  | { at: "failed"; wish: Wish; problem: Problem };

export interface VisitOptions {
  api: Api;
  language: () => string;
  /** The screen is cleared: default language, fresh figures. */
  cleared: () => void;
  now?: () => number;
}

export class Visit {
  readonly screen = signal<Screen>({ at: "home" });
  private key = freshKey();
  private clearTimer: ReturnType<typeof setTimeout> | undefined;
  private deafUntil = 0;

  constructor(private readonly options: VisitOptions) {}

  /** A service was touched. */
  choose(queue: Queue): void {
    if (this.screen.value.at !== "home") return;
    if (selfServiceClasses(queue).length === 0) return void this.take({ queue, classKey: null });
    this.deafUntil = this.now() + DEAF_MS;
    this.screen.value = { at: "class", queue };
  }

  /** A priority was touched; null is the normal ticket. */
  chooseClass(classKey: string | null): void {
    const screen = this.screen.value;
    if (screen.at === "class" && this.now() >= this.deafUntil) void this.take({ queue: screen.queue, classKey });
  }

  retry(): void {
    const screen = this.screen.value;
    if (screen.at === "failed") void this.take(screen.wish);
  }

  /** Ends the visit. Deaf while a ticket is being taken, and just after it came. */
  clear(): void {
    if (this.screen.value.at === "taking" || this.now() < this.deafUntil) return;
    clearTimeout(this.clearTimer);
    this.key = freshKey();
    this.screen.value = { at: "home" };
    this.options.cleared();
  }

  private async take(wish: Wish): Promise<void> {
    this.screen.value = { at: "taking", wish };
    try {
      const ticket = await this.options.api.post<IssuedTicket>("/tickets", this.body(wish), this.key);
      if (ticket === null) throw new Problem(0, "network", "no ticket in the answer", "");
      this.show(wish, ticket);
    } catch (error) {
      const problem = error instanceof Problem ? error : new Problem(0, "page_error", String(error), "");
      this.screen.value = { at: "failed", wish, problem };
    }
  }

  private show(wish: Wish, ticket: IssuedTicket): void {
    this.deafUntil = this.now() + DEAF_MS;
    this.screen.value = { at: "ticket", wish, ticket, until: this.now() + SHOWN_MS };
    this.clearTimer = setTimeout(() => this.clear(), SHOWN_MS);
  }

  private body(wish: Wish): object {
    const body: Record<string, string> = { queue_id: wish.queue.id, channel: "kiosk", language: this.options.language() };
    if (wish.classKey !== null) body["class"] = wish.classKey;
    return body;
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

/** The priorities a person may claim alone, most pressing first; without the normal class. */
export function selfServiceClasses(queue: Queue) {
  return (queue.classes ?? []).filter((one) => one.self_service && one.key !== "normal").sort((a, b) => b.rank - a.rank);
}

/** Why nobody may join this queue now; null when they may. */
export function shut(queue: Queue): "closed" | "paused" | "full" | null {
  switch (queue.state) {
    case "open":
      return queue.full ? "full" : null;
    case "paused":
      return "paused";
    case "closing":
    case "closed":
      return "closed";
  }
}
