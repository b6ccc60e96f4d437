// The first page: every surface, one line each. On a demo it links them ready to
// use, with one link per agent; elsewhere it says that a token will be asked for.
import "../../lib/polyfill";
import "../../ui/base.css";
import "./index.css";
import { signal } from "@preact/signals";
import { render } from "preact";
import { language, startLanguage } from "../../lib/i18n";
import { fetchDemo } from "../../lib/session";
import type { DemoSession } from "../../lib/types";
import { Languages } from "../../ui/Languages";
import { words } from "./words";

/** Null: not a demo, or not known yet; the links work either way. */
const demo = signal<DemoSession | null>(null);
const known = signal(false);

function Index() {
  const at = demo.value === null ? "?" : `?site=${encodeURIComponent(demo.value.site.slug)}&`;
  const lang = `lang=${language.value}`;
  return (
    <main>
      <header>
        <h1>SmartQueue</h1>
        <Languages />
      </header>
      <p class="lead">{words.t("lead")}</p>
      {known.value && <p class="mode">{modeText(demo.value)}</p>}
      <ul class="surfaces">
        <Surface id="kiosk" href={`/kiosk/${at}${lang}`} title={words.t("kiosk")} line={words.t("kiosk_line")} />
        <Surface id="display" href={`/display/${at}lang=${language.value}`} title={words.t("display")} line={words.t("display_line")} />
        <li>
          <a id="agent" href={`/agent/?${lang}`}>{words.t("agent")}</a>
          <p>{words.t("agent_line")}</p>
          <Agents demo={demo.value} lang={lang} />
        </li>
        <Surface id="health" href="/healthz" title={words.t("health")} line={words.t("health_line")} />
      </ul>
    </main>
  );
}

function Surface({ id, href, title, line }: { id: string; href: string; title: string; line: string }) {
  return (
    <li>
      <a id={id} href={href}>{title}</a>
      <p>{line}</p>
    </li>
  );
}

function Agents({ demo, lang }: { demo: DemoSession | null; lang: string }) {
  if (demo === null) return null;
  return (
    <p class="agents">
      {words.t("as")}
      {demo.tokens.agents.map((agent) => (
        <a key={agent.id} href={`/agent/?as=${agent.id}&${lang}`}>{agent.name}</a>
      ))}
    </p>
  );
}

function modeText(demo: DemoSession | null): string {
  if (demo === null) return words.t("plain");
  const pace = demo.speed > 0 ? words.t("demo_speed", { speed: demo.speed }) : words.t("demo_still");
  return `${words.t("demo", { seed: demo.seed })} ${pace}`;
}

async function learn(): Promise<void> {
  try {
    demo.value = await fetchDemo();
    known.value = true;
  } catch {
    setTimeout(() => void learn(), 3_000);
  }
}

startLanguage();
void learn();
render(<Index />, document.getElementById("page")!);
