// The console: who I am, the ticket in hand, my queues, and what just happened.
import { LinkBadge } from "../../ui/LinkBadge";
import { Languages } from "../../ui/Languages";
import { language } from "../../lib/i18n";
import { clockText, now } from "../../lib/time";
import type { Me, Presence, Site } from "../../lib/types";
import type { Desk, Notice } from "./desk";
import { chosenCounter } from "./desk";
import { shortcuts, switchShortcuts } from "./keyboard";
import { QueueList } from "./QueueList";
import { TicketPanel } from "./TicketPanel";
import { words } from "./words";

const SHAPES: Record<Presence, string> = { offline: "○", available: "○", busy: "●", wrap_up: "◇", on_break: "‖" };

export function Agent({ desk, site }: { desk: Desk; site: Site }) {
  const me = desk.me.value;
  if (me === null) return <p class="gate"><LinkBadge live={desk.live} /></p>;
  const suspended = desk.live.link.value !== "live";
  return (
    <div class="console" data-suspended={suspended}>
      <Header desk={desk} me={me} site={site} />
      <main>
        <TicketPanel desk={desk} me={me} suspended={suspended} />
        <p class="notice" role="status">{noticeText(suspended ? { kind: "suspended" } : desk.notice.value)}</p>
      </main>
      <QueueList desk={desk} me={me} />
    </div>
  );
}

function Header({ desk, me, site }: { desk: Desk; me: Me; site: Site }) {
  return (
    <header>
      <h1>{me.name}</h1>
      <span class="presence" data-presence={me.presence}>
        <span aria-hidden="true">{SHAPES[me.presence]}</span> {words.t(me.presence)}
      </span>
      <CounterChoice desk={desk} me={me} />
      <LinkBadge live={desk.live} />
      <label class="shortcuts">
        <input type="checkbox" checked={shortcuts.value} onChange={(event) => switchShortcuts(event.currentTarget.checked)} />
        {words.t("shortcuts")}
      </label>
      <Languages onChoose={(lang) => localStorage.setItem("smartqueue.agent.language", lang)} />
      <bdi class="clock">{clockText(now.value, site.timezone, language.value)}</bdi>
    </header>
  );
}

function CounterChoice({ desk, me }: { desk: Desk; me: Me }) {
  const value = me.presence === "offline" ? chosenCounter.value : (me.counter?.id ?? "");
  const busy = me.ticket !== null || desk.sending.value !== null;
  return (
    <label class="counter">
      {words.t("choose_counter")}
      <select value={value} disabled={busy} onChange={(event) => void desk.chooseCounter(event.currentTarget.value)}>
        {(me.presence === "offline" || me.counter === null) && <option value="" selected={value === ""}>{words.t("no_counter")}</option>}
        {desk.queues.counters.value.map((counter) => (
          <option key={counter.id} value={counter.id} selected={counter.id === value}>{counter.name}</option>
        ))}
      </select>
    </label>
  );
}

function noticeText(notice: Notice | null): string {
  if (notice === null) return "";
  switch (notice.kind) {
    case "done":
      return words.t("done", { action: words.t(notice.gesture) });
    case "failed": {
      const { status, detail, title } = notice.problem;
      return words.t("failed", { action: words.t(notice.gesture), detail: status === 0 ? words.t("no_answer") : detail || title });
    }
    case "nobody":
    case "suspended":
    case "unavailable":
      return words.t(notice.kind);
  }
}
