// The kiosk's entry: opens the session, finds the site, and puts the parts together.
import "../../lib/polyfill";
import "../../ui/base.css";
import "./kiosk.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { createApi } from "../../lib/api";
import { language, startLanguage } from "../../lib/i18n";
import type { Session } from "../../lib/session";
import { startSeconds } from "../../lib/time";
import { askForToken, Gate } from "../../ui/Gate";
import { Placed } from "../../ui/Placed";
import type { Site } from "../../lib/types";
import { Kiosk } from "./Kiosk";
import { watchIdle } from "./idle";
import { Lines } from "./lines";
import { Visit } from "./visit";

const defaultLanguage = startLanguage();
const parts = signal<{ lines: Lines; visit: Visit } | null>(null);

function assemble(session: Session, site: Site): void {
  const api = createApi(session);
  const lines = new Lines(session, api, site);
  const goHome = () => (language.value = defaultLanguage);
  const cleared = () => {
    goHome();
    lines.readSoon();
  };
  const visit = new Visit({ api, language: () => language.value, cleared });
  watchIdle(() => visit.screen.value.at !== "home" || language.value !== defaultLanguage, () => visit.clear());
  effect(() => {
    if (lines.live.link.value === "unauthorized") askForToken();
  });
  lines.start();
  parts.value = { lines, visit };
}

startSeconds();
render(
  <Gate role="kiosk">
    {(session) => (
      <Placed session={session} onPlaced={(site) => assemble(session, site)}>
        {(site) => parts.value && <Kiosk site={site} {...parts.value} />}
      </Placed>
    )}
  </Gate>,
  document.getElementById("page")!,
);
