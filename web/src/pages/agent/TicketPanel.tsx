// The ticket in hand, or the offer, or nothing; below it the gestures that make
// sense now. Seen and heard are the screens' own words, so a call nobody could see
// is noticed within two seconds.
import { minutesSince, now, spanText } from "../../lib/time";
import type { Me, Offer, Queue, Ticket } from "../../lib/types";
import type { Desk } from "./desk";
import type { Gesture } from "./gestures";
import { gestures, keyName } from "./gestures";
import { shortcuts, transferTargets } from "./keyboard";
import { words } from "./words";

/** A screen that works has answered by then. */
const SHOWN_MS_MAX = 2_000;

interface PanelProps {
  desk: Desk;
  me: Me;
  suspended: boolean;
}

export function TicketPanel({ desk, me, suspended }: PanelProps) {
  return (
    <section class="panel" data-state={me.ticket?.state ?? "none"}>
      {me.offer !== null && <OfferView offer={me.offer} />}
      {me.offer === null && me.ticket !== null && <TicketView ticket={me.ticket} queue={desk.queues.byId.value.get(me.ticket.queue_id)} />}
      {me.offer === null && me.ticket === null && <p class="free">{words.t("free")}</p>}
      {desk.choosingTarget.value && me.ticket !== null ? (
        <Targets desk={desk} ticket={me.ticket} />
      ) : (
        <div class="gestures">
          {gestures(me).map((gesture, index) => (
            <GestureButton key={gesture} gesture={gesture} desk={desk} me={me} first={index === 0} suspended={suspended} />
          ))}
        </div>
      )}
    </section>
  );
}

interface GestureButtonProps extends PanelProps {
  gesture: Gesture;
  first: boolean;
}

function GestureButton({ gesture, desk, me, first, suspended }: GestureButtonProps) {
  const underWay = desk.sending.value === gesture;
  const key = keyName(gesture, me, words.t("space"));
  const press = (event: MouseEvent) => {
    // A pointer leaves no focus behind, so that Space stays the next step.
    if (event.detail > 0) (event.currentTarget as HTMLElement).blur();
    void desk.perform(gesture);
  };
  return (
    <button type="button" class={first ? "primary" : ""} data-gesture={gesture} disabled={suspended || desk.sending.value !== null} onClick={press}>
      {underWay ? words.t("sending", { action: words.t(gesture) }) : words.t(gesture)}
      {shortcuts.value && key !== "" && <kbd>{key}</kbd>}
    </button>
  );
}

function TicketView({ ticket, queue }: { ticket: Ticket; queue: Queue | undefined }) {
  const since = ticket.state === "serving" ? ticket.started_at : ticket.last_called_at;
  return (
    <div class="in-hand">
      <p class="state">
        <span aria-hidden="true">{ticket.state === "serving" ? "●" : "◆"}</span>{" "}
        {ticket.state === "serving" ? words.t("serving") : words.t("called")}
        {since !== undefined && <bdi class="span"> {spanText(now.value - Date.parse(since))}</bdi>}
      </p>
      <bdi class="number code" dir="ltr">{ticket.number}</bdi>
      <p>
        {queue?.name}
        {ticket.class !== "normal" && <b> · ⊕ {ticket.class}</b>}
        {` · ${words.t("waited", { n: minutesSince(ticket.arrived_at, since === undefined ? now.value : Date.parse(since)) })}`}
        {ticket.calls > 0 && ` · ${words.t("calls", { n: ticket.calls })}`}
      </p>
      {ticket.reason !== undefined && <p class="reason"><bdi>{ticket.reason.text}</bdi></p>}
      {ticket.state === "called" && <Announcement ticket={ticket} />}
    </div>
  );
}

function Announcement({ ticket }: { ticket: Ticket }) {
  const { shown, heard } = ticket.announced ?? { shown: 0, heard: 0 };
  const age = ticket.last_called_at === undefined ? 0 : now.value - Date.parse(ticket.last_called_at);
  if (shown === 0 && age > SHOWN_MS_MAX) return <p class="not-shown">◌ {words.t("not_shown", { number: ticket.number })}</p>;
  return (
    <p class="announced" data-shown={shown} data-heard={heard}>
      {words.t("shown", { n: shown })} · {words.t("heard", { n: heard })}
    </p>
  );
}

function OfferView({ offer }: { offer: Offer }) {
  const left = Math.max(0, Math.ceil((Date.parse(offer.expires_at) - now.value) / 1_000));
  return (
    <div class="in-hand" role="alert">
      <p>{words.t("offer", { number: offer.ticket.number })}</p>
      <bdi class="number code" dir="ltr">{offer.ticket.number}</bdi>
      <p class="countdown">{words.t("seconds", { n: left })}</p>
    </div>
  );
}

function Targets({ desk, ticket }: { desk: Desk; ticket: Ticket }) {
  return (
    <div class="gestures targets" role="group" aria-label={words.t("to", { number: ticket.number })}>
      <p>{words.t("to", { number: ticket.number })}</p>
      {transferTargets(desk).map((queue, index) => (
        <button key={queue.id} type="button" onClick={() => void desk.transferTo(queue)}>
          {queue.name} {index < 9 && <kbd>{index + 1}</kbd>}
        </button>
      ))}
      <button type="button" onClick={() => (desk.choosingTarget.value = false)}>
        {words.t("cancel")} <kbd>Esc</kbd>
      </button>
    </div>
  );
}
