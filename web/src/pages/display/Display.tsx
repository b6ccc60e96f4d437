// The wall: the number in front, the earlier calls, the lines, and the strips that
// say when the sound is locked or the data is old.
import type { Lang } from "../../lib/i18n";
import { isLang, language } from "../../lib/i18n";
import { clockText, dateText, now } from "../../lib/time";
import type { BoardCall } from "./board";
import { callKey, featured } from "./board";
import { soundLocked } from "./chime";
import { counterLines, counterShort } from "./counter";
import type { Freshness } from "./freshness";
import { freshness } from "./freshness";
import type { Wall } from "./wall";
import { words } from "./words";

/** The eye is drawn this long, then the picture is steady. */
const EMPHASIS_MS = 6_000;
const LANGUAGES_MAX = 3;

export function Display({ wall }: { wall: Wall }) {
  const board = wall.board.value;
  const last = wall.live.lastFrameAt.value;
  const age = freshness(last, now.value);
  const front = featured(board);
  const rest = board.calls.slice(front.length);
  const zone = wall.site.value.timezone;
  return (
    <div class="wall" data-freshness={age} data-link={wall.live.link.value}>
      <header>
        <span class="site">{wall.site.value.name}</span>
        <span class="date">{dateText(now.value, zone, language.value)}</span>
        <bdi class="clock">{clockText(now.value, zone, language.value)}</bdi>
      </header>
      <div class="strips">
        {soundLocked.value && <button type="button" class="strip sound">◖) {words.t("sound_locked")}</button>}
        {age === "stale" && <p class="strip" role="alert">◌ {words.t("stale", { at: clockText(last, zone, language.value, true) })}</p>}
        {age === "lost" && <p class="strip" role="alert">✕ {words.t("lost")}</p>}
      </div>
      <main aria-live="polite">
        <Front calls={front} age={age} languages={wallLanguages(wall.site.value.languages)} />
      </main>
      <aside>
        <h2>{words.t("history")}</h2>
        <ol>{age !== "lost" && rest.slice(0, 5).map((call) => <Row key={callKey(call)} call={call} />)}</ol>
      </aside>
      <footer>
        {board.queues.map((queue) => (
          <span key={queue.id}>
            <bdi class="code">{queue.prefix}</bdi> {queue.name} · {queue.state === "closed" ? words.t("closed") : age === "fresh" ? words.t("waiting", { n: queue.waiting }) : "—"}
          </span>
        ))}
      </footer>
    </div>
  );
}

interface FrontProps {
  calls: readonly BoardCall[];
  age: Freshness;
  languages: Lang[];
}

function Front({ calls, age, languages }: FrontProps) {
  if (age === "lost") return <p class="instead">{words.t("ask")}</p>;
  if (calls.length === 0) return <p class="instead">{words.t("no_call")}</p>;
  return (
    <>
      {calls.map((call) => <FrontCall key={callKey(call)} call={call} languages={languages} half={calls.length > 1} />)}
    </>
  );
}

function FrontCall({ call, languages, half }: { call: BoardCall; languages: Lang[]; half: boolean }) {
  const fresh = call.news && now.value - call.seenAt < EMPHASIS_MS;
  const long = call.ticket.number.length > 4;
  const kind = `call${fresh ? " just-called" : ""}${half ? " half" : ""}${long ? " long" : ""}`;
  return (
    <section class={kind} data-number={call.ticket.number} data-calls={call.calls}>
      <bdi class="number code" dir="ltr">{call.ticket.number}</bdi>
      <div class="counters">
        {counterLines(call.counter, languages).map(({ lang, text }) => (
          <p key={lang} lang={lang} dir={lang === "ar" ? "rtl" : "ltr"}>{text}</p>
        ))}
        {call.calls > 1 && <p class="again">↻ {words.t("again")}</p>}
      </div>
    </section>
  );
}

function Row({ call }: { call: BoardCall }) {
  return (
    <li data-number={call.ticket.number}>
      <bdi class="code" dir="ltr">{call.ticket.number}</bdi>
      <span aria-hidden="true">–</span>
      <bdi>{counterShort(call.counter)}</bdi>
    </li>
  );
}

/** The site's languages we have words for, the page's own first. */
function wallLanguages(site: string[] | undefined): Lang[] {
  const others = (site ?? []).filter(isLang).filter((lang) => lang !== language.value);
  return [language.value, ...others].slice(0, LANGUAGES_MAX);
}
