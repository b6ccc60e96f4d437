// My queues: how many wait, who is next and why, and what I have parked.
import { minutesSince, now } from "../../lib/time";
import type { Me, Queue } from "../../lib/types";
import type { Desk } from "./desk";
import { words } from "./words";

const HEAD_MAX = 5;

export function QueueList({ desk, me }: { desk: Desk; me: Me }) {
  const queues = me.queues.map((id) => desk.queues.byId.value.get(id)).filter((queue) => queue !== undefined);
  return (
    <aside>
      <h2>{words.t("lines")}</h2>
      <ul>{queues.map((queue) => <Line key={queue.id} queue={queue} />)}</ul>
      {desk.parked.value.length > 0 && <Parked desk={desk} />}
    </aside>
  );
}

function Line({ queue }: { queue: Queue }) {
  const minutes = Math.floor((queue.longest_wait_seconds ?? 0) / 60);
  const head = (queue.head ?? []).filter((ticket) => ticket.state === "waiting").slice(0, HEAD_MAX);
  return (
    <li class="line" data-queue={queue.id} data-waiting={queue.waiting}>
      <p>
        <bdi class="code">{queue.prefix}</bdi> <b>{queue.name}</b> ·{" "}
        {queue.waiting === 0 ? words.t("nobody") : words.t("waiting", { n: queue.waiting })}
        {minutes > 0 && ` · ${words.t("longest", { n: minutes })}`}
      </p>
      <ol>
        {head.map((ticket, index) => (
          <li key={ticket.id}>
            <bdi class="code" dir="ltr">{ticket.number}</bdi> {words.t("minutes", { n: minutesSince(ticket.arrived_at, now.value) })}
            {ticket.class !== "normal" && ` · ⊕ ${ticket.class} `}
            {index === 0 && <b> {words.t("next")}</b>}
            {ticket.reason !== null && <bdi class="reason"> {ticket.reason.text}</bdi>}
          </li>
        ))}
      </ol>
    </li>
  );
}

function Parked({ desk }: { desk: Desk }) {
  const busy = desk.sending.value !== null || (desk.me.value?.ticket ?? null) !== null;
  return (
    <>
      <h2>‖ {words.t("parked")}</h2>
      <ul class="parked">
        {desk.parked.value.map((ticket) => (
          <li key={ticket.id}>
            <bdi class="code" dir="ltr">{ticket.number}</bdi>
            <button type="button" disabled={busy} onClick={() => void desk.resume(ticket)}>{words.t("resume")}</button>
          </li>
        ))}
      </ul>
    </>
  );
}
