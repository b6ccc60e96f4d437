// The wall display's entry: opens the session, finds the site, and puts the parts
// together. It never gives up: every failure ends in another attempt.
import "../../lib/polyfill";
import "../../ui/base.css";
import "./display.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { isLang, language, startLanguage } from "../../lib/i18n";
import type { Session } from "../../lib/session";
import { clockText, now, startSeconds } from "../../lib/time";
import type { Site } from "../../lib/types";
import { askForToken, Gate } from "../../ui/Gate";
import { Placed } from "../../ui/Placed";
import { Display } from "./Display";
import { prepareSound } from "./chime";
import { reloadDue } from "./freshness";
import { Wall } from "./wall";

const wall = signal<Wall | null>(null);
const startedAt = Date.now();

function assemble(session: Session, site: Site): void {
  const first = new Wall(session, site);
  const chosen = new URLSearchParams(location.search).has("lang");
  effect(() => {
    const own = first.site.value.languages?.find(isLang);
    if (!chosen && own !== undefined) language.value = own;
  });
  effect(() => {
    if (first.live.link.value === "unauthorized") askForToken();
  });
  effect(() => {
    const hour = Number(clockText(now.value, first.site.value.timezone, "fr").slice(0, 2));
    if (first.live.link.value === "live" && reloadDue(hour, now.value - startedAt)) location.reload();
  });
  first.start();
  wall.value = first;
}

startLanguage();
startSeconds();
prepareSound();
render(
  <Gate role="display">
    {(session) => (
      <Placed session={session} onPlaced={(site) => assemble(session, site)}>
        {() => wall.value && <Display wall={wall.value} />}
      </Placed>
    )}
  </Gate>,
  document.getElementById("page")!,
);
