// Who this page is: a token the demo server hands out, or one a person pastes.
//
// A pasted token lives in sessionStorage and never in an address; the tenant's name
// may stay on the device. A demo token is fetched anew when the old one is refused.
import type { DemoSession, Site } from "./types";

export type Role = "kiosk" | "display" | "agent";

export interface Session {
  tenant: string;
  demo: DemoSession | null;
  /** Null means: ask a person for a token. */
  token(fresh: boolean): Promise<string | null>;
}

const TENANT = "smartqueue.tenant";
const tokenKey = (role: Role) => `smartqueue.token.${role}`;

/** The demo's session; null on a server that is no demo. Throws when there is no answer. */
export async function fetchDemo(): Promise<DemoSession | null> {
  const response = await fetch("/demo/session", { cache: "no-store", credentials: "omit" });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`demo session answered ${response.status}`);
  return (await response.json()) as DemoSession;
}

/** A session of the demo, for `role`; an agent is chosen by id, else the first. */
export function demoSession(demo: DemoSession, role: Role, agentId: string | null): Session {
  let known = demo;
  return {
    tenant: demo.tenant,
    demo,
    async token(fresh) {
      if (fresh) known = (await fetchDemo()) ?? known;
      return demoToken(known, role, agentId);
    },
  };
}

function demoToken(demo: DemoSession, role: Role, agentId: string | null): string | null {
  if (role !== "agent") return demo.tokens[role];
  const agents = demo.tokens.agents;
  return (agents.find((agent) => agent.id === agentId) ?? agents[0])?.token ?? null;
}

/** The session a person opened on this page earlier, if its token is still kept. */
export function pastedSession(role: Role): Session | null {
  const tenant = localStorage.getItem(TENANT);
  if (tenant === null || sessionStorage.getItem(tokenKey(role)) === null) return null;
  return {
    tenant,
    demo: null,
    token(fresh) {
      // A refused token is of no more use, and there is nobody to ask for another.
      if (fresh) sessionStorage.removeItem(tokenKey(role));
      return Promise.resolve(sessionStorage.getItem(tokenKey(role)));
    },
  };
}

export function keepPasted(role: Role, tenant: string, token: string): void {
  localStorage.setItem(TENANT, tenant.trim());
  sessionStorage.setItem(tokenKey(role), token.trim());
}

export function rememberedTenant(): string {
  return localStorage.getItem(TENANT) ?? "";
}

/** The site the page stands at: `?site=` by slug, else the demo's, else the first. */
export async function findSite(session: Session, list: () => Promise<Site[]>): Promise<Site | null> {
  const slug = new URLSearchParams(location.search).get("site");
  const demo = session.demo?.site;
  if (demo !== undefined && (slug === null || slug === demo.slug)) return demo;
  const sites = await list();
  return (slug === null ? sites[0] : sites.find((site) => site.slug === slug)) ?? null;
}
