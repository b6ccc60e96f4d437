// The agent console's entry. On a demo the agent is named by `?as=` or picked from a
// list; elsewhere the pasted token says who it is.
import "../../lib/polyfill";
import "../../ui/base.css";
import "./agent.css";
import { effect, signal } from "@preact/signals";
import { render } from "preact";
import { createApi } from "../../lib/api";
import { startLanguage } from "../../lib/i18n";
import type { Session } from "../../lib/session";
import { startSeconds } from "../../lib/time";
import type { Site } from "../../lib/types";
import { askForToken, Gate } from "../../ui/Gate";
import { Languages } from "../../ui/Languages";
import { Placed } from "../../ui/Placed";
import { Agent } from "./Agent";
import { Desk } from "./desk";
import { listenToKeys } from "./keyboard";
import { words } from "./words";

const desk = signal<Desk | null>(null);
const as = new URLSearchParams(location.search).get("as");

function assemble(session: Session, site: Site): void {
  const usual = session.demo?.tokens.agents.find((agent) => agent.id === as)?.counter ?? null;
  const opened = new Desk(session, createApi(session), site.id, usual);
  effect(() => {
    if (opened.live.link.value === "unauthorized") askForToken();
  });
  listenToKeys(opened);
  void opened.start();
  desk.value = opened;
}

function WhoAreYou({ session }: { session: Session }) {
  return (
    <main class="gate">
      <Languages />
      <h1>{words.t("who")}</h1>
      <p>{words.t("who_help")}</p>
      <ul class="who">
        {session.demo?.tokens.agents.map((agent) => (
          <li key={agent.id}>
            <a href={`/agent/?as=${agent.id}`}>{agent.name}</a> {agent.counter}
          </li>
        ))}
      </ul>
    </main>
  );
}

function Page({ session }: { session: Session }) {
  if (session.demo !== null && as === null) return <WhoAreYou session={session} />;
  return (
    <Placed session={session} onPlaced={(site) => assemble(session, site)}>
      {(site) => desk.value && <Agent desk={desk.value} site={site} />}
    </Placed>
  );
}

startLanguage(localStorage.getItem("smartqueue.agent.language"));
startSeconds();
render(
  <Gate role="agent" agentId={as}>
    {(session) => <Page session={session} />}
  </Gate>,
  document.getElementById("page")!,
);
