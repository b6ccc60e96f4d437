// The kiosk's screens: services, priority, one moment, the number, a failure.
import { language, nameIn } from "../../lib/i18n";
import { clockText, minutesRange, now } from "../../lib/time";
import type { Estimate, IssuedTicket, Queue, Site } from "../../lib/types";
import { LinkBadge } from "../../ui/LinkBadge";
import { Languages } from "../../ui/Languages";
import { idleSeconds } from "./idle";
import type { Lines } from "./lines";
import type { Screen, Visit } from "./visit";
import { selfServiceClasses, shut } from "./visit";
import { words } from "./words";

interface KioskProps {
  site: Site;
  lines: Lines;
  visit: Visit;
}

export function Kiosk({ site, lines, visit }: KioskProps) {
  const offline = lines.live.link.value !== "live" && !lines.fresh.value;
  return (
    <div class="kiosk-frame">
      <header>
        <span class="site">{site.name}</span>
        <Languages />
        <span class="clock">{clockText(now.value, site.timezone, language.value)}</span>
        <LinkBadge live={lines.live} />
      </header>
      {offline && <p class="strip" role="alert">{words.t("offline")}</p>}
      <main>
        <Body screen={visit.screen.value} lines={lines} visit={visit} />
      </main>
      {idleSeconds.value !== null && <StillThere seconds={idleSeconds.value} />}
    </div>
  );
}

function Body({ screen, lines, visit }: { screen: Screen; lines: Lines; visit: Visit }) {
  switch (screen.at) {
    case "home":
      return <Home lines={lines} visit={visit} />;
    case "class":
      return <ClassChoice queue={screen.queue} title={serviceName(lines, screen.queue)} visit={visit} />;
    case "taking":
      return <p class="taking" role="status">{words.t("taking")}</p>;
    case "ticket":
      return <TicketNumber ticket={screen.ticket} service={serviceName(lines, screen.wish.queue)} until={screen.until} visit={visit} />;
    case "failed": {
      const { problem } = screen;
      return (
        <section class="failed" role="alert">
          <h1>{words.t("failed")}</h1>
          <p>{problem.status === 0 ? words.t("no_answer") : problem.detail || problem.title}</p>
          <button type="button" class="primary" onClick={() => visit.retry()}>{words.t("retry")}</button>
          <button type="button" onClick={() => visit.clear()}>{words.t("back")}</button>
          <small class="code">{problem.code}</small>
        </section>
      );
    }
  }
}

function Home({ lines, visit }: { lines: Lines; visit: Visit }) {
  const queues = lines.queues.value;
  if (queues === null) return <div class="tiles" aria-busy="true">{[1, 2, 3].map((one) => <div key={one} class="tile blank" />)}</div>;
  if (queues.length === 0) return <p class="taking">{words.t("none")}</p>;
  const open = queues.filter((queue) => shut(queue) === null);
  const free = open.length > 0 && open.every((queue) => queue.waiting === 0 && (queue.agents?.available ?? 0) > 0);
  return (
    <>
      <h1>{words.t("choose")}</h1>
      <ul class="tiles">
        {queues.map((queue) => <Tile key={queue.id} queue={queue} lines={lines} visit={visit} />)}
      </ul>
      {free && lines.fresh.value && <p class="free">{words.t("free")}</p>}
    </>
  );
}

function Tile({ queue, lines, visit }: { queue: Queue; lines: Lines; visit: Visit }) {
  const reason = shut(queue);
  const known = lines.fresh.value;
  const open = queue.agents === undefined ? null : queue.agents.available + queue.agents.busy;
  return (
    <li>
      <button type="button" class="tile" disabled={reason !== null} data-queue={queue.id} onClick={() => visit.choose(queue)}>
        <bdi class="letter">{queue.prefix}</bdi>
        <span class="name">{serviceName(lines, queue)}</span>
        {reason !== null && <span class="range">{words.t(reason)}</span>}
        {reason === null && <span class="range">{known ? rangeText(queue.estimate) : words.t("range_unknown")}</span>}
        {reason === null && known && (
          <span class="facts">
            {queue.waiting === 0 ? words.t("nobody") : words.t("waiting", { n: queue.waiting })}
            {open !== null && ` · ${open === 0 ? words.t("no_counter") : words.t("counters", { n: open })}`}
          </span>
        )}
      </button>
    </li>
  );
}

function ClassChoice({ queue, title, visit }: { queue: Queue; title: string; visit: Visit }) {
  return (
    <>
      <h1>{words.t("priority", { service: title })}</h1>
      <ul class="tiles classes">
        <li><button type="button" class="tile" onClick={() => visit.chooseClass(null)}>{words.t("normal")}</button></li>
        {selfServiceClasses(queue).map((one) => (
          <li key={one.key}>
            <button type="button" class="tile" data-class={one.key} onClick={() => visit.chooseClass(one.key)}>
              <span aria-hidden="true">⊕</span> {nameIn(one.names, one.key)}
            </button>
          </li>
        ))}
      </ul>
      <button type="button" class="back" onClick={() => visit.clear()}>{words.t("back")}</button>
    </>
  );
}

interface TicketNumberProps {
  ticket: IssuedTicket;
  service: string;
  until: number;
  visit: Visit;
}

function TicketNumber({ ticket, service, until, visit }: TicketNumberProps) {
  const seconds = Math.max(0, Math.ceil((until - now.value) / 1_000));
  const ahead = ticket.ahead ?? (ticket.position === undefined ? null : ticket.position - 1);
  return (
    <section class="ticket" onClick={() => visit.clear()}>
      <div role="status">
        <p>{service} · {words.t("your_number")}</p>
        <bdi class="number code">{ticket.number}</bdi>
        {ahead !== null && <p class="ahead">{ahead === 0 ? words.t("ahead_none") : words.t("ahead", { n: ahead })}</p>}
        <p>{ticket.estimate === undefined ? words.t("wait_unknown") : words.t("wait", { range: rangeText(ticket.estimate) })}</p>
        <p>{words.t("listen")}</p>
      </div>
      <button type="button" class="primary">{words.t("touch_to_close", { n: seconds })}</button>
    </section>
  );
}

function StillThere({ seconds }: { seconds: number }) {
  return (
    <div class="veil" role="alertdialog" aria-label={words.t("still_there")}>
      <h1>{words.t("still_there")}</h1>
      <button type="button" class="primary">{words.t("yes", { n: seconds })}</button>
    </div>
  );
}

function serviceName(lines: Lines, queue: Queue): string {
  return nameIn(lines.services.value.get(queue.service_id)?.names, queue.name);
}

function rangeText(estimate: Estimate | null): string {
  if (estimate === null) return words.t("range_unknown");
  const { from, to } = minutesRange(estimate);
  return from === 0 ? words.t("range_short", { to }) : words.t("range", { from, to });
}
