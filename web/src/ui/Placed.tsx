// Finds the site a page stands at before the page is drawn, and tries again while
// the server does not answer. Each session is placed once.
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { createApi, Problem } from "../lib/api";
import type { Session } from "../lib/session";
import { findSite } from "../lib/session";
import type { Page, Site } from "../lib/types";
import { askForToken } from "./Gate";
import { words } from "./words";

const RETRY_MS = 3_000;

interface PlacedProps {
  session: Session;
  onPlaced: (site: Site) => void;
  children: (site: Site) => ComponentChildren;
}

/** Undefined while looking, null when there is no such site. */
const found = signal<Site | null | undefined>(undefined);

async function look(session: Session, onPlaced: (site: Site) => void): Promise<void> {
  const list = async () => (await createApi(session).get<Page<Site>>("/sites?limit=200")).items;
  try {
    const site = await findSite(session, list);
    if (site !== null) onPlaced(site);
    found.value = site;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return askForToken();
    setTimeout(() => void look(session, onPlaced), RETRY_MS);
  }
}

export function Placed({ session, onPlaced, children }: PlacedProps) {
  useEffect(() => void look(session, onPlaced), [session]);
  const site = found.value;
  if (site === undefined) return <p class="gate" role="status">{words.t("loading")}</p>;
  if (site === null) return <p class="gate" role="alert">{words.t("no_site")}</p>;
  return <>{children(site)}</>;
}
