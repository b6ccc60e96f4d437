// What the browser tests share: the server under test, one browser, the people of
// the demo over REST, and a line to the server that can be cut.
//
// SMARTQUEUE_URL names a running `smartqueue demo --speed 0`; the tests share it and
// run one after another, each from empty lines.
import { randomUUID } from "node:crypto";
import { connect, createServer } from "node:net";
import { chromium } from "playwright-core";

export const BASE = process.env.SMARTQUEUE_URL?.replace(/\/$/, "");
if (!BASE) throw new Error("SMARTQUEUE_URL must name a running demo without simulated customers (smartqueue demo --speed 0)");

const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
];

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: FLAGS });
}

/** A page that remembers how it was answered, what went wrong in it, and what its console called an error. */
export async function open(browser, path, { base = BASE, viewport = { width: 1280, height: 800 } } = {}) {
  const context = await browser.newContext({ viewport, locale: "fr-FR" });
  const page = await context.newPage();
  page.faults = [];
  page.errors = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => {
    if (/Content Security Policy|violates the following/i.test(message.text())) page.faults.push(message.text());
    if (message.type() === "error") page.errors.push(message.text());
  });
  page.answer = await page.goto(base + path);
  return page;
}

export async function demo() {
  const response = await fetch(`${BASE}/demo/session`);
  if (!response.ok) throw new Error(`the demo session answered ${response.status}`);
  return response.json();
}

/** One person of the demo over REST; throws on anything but success. */
export function person(session, token) {
  const base = `${BASE}/api/v1/tenants/${session.tenant}`;
  const send = async (method, path, body) => {
    const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
    if (method === "POST") headers["Idempotency-Key"] = randomUUID();
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(base + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
    return text === "" ? null : JSON.parse(text);
  };
  return { get: (path) => send("GET", path), post: (path, body = {}) => send("POST", path, body) };
}

/** The lines of the site as the kiosk sees them. */
export async function queues(session) {
  return (await person(session, session.tokens.kiosk).get(`/queues?site_id=${session.site.id}&limit=200`)).items;
}

/** Ends every ticket in hand or in line, and sends every agent home. */
export async function drain(session) {
  for (const agent of session.tokens.agents) {
    const api = person(session, agent.token);
    const me = await api.get("/agents/me");
    if (me.presence === "offline") await api.post("/agents/me/sign-in", await usualOrAnyCounter(api, me));
    let ticket = me.ticket;
    do {
      if (ticket !== null) await serve(api, ticket);
      const { presence } = await api.get("/agents/me");
      if (presence !== "available") await api.post("/agents/me/set-status", { presence: "available" });
      ticket = await api.post("/agents/me/call-next");
    } while (ticket !== null);
    await api.post("/agents/me/sign-out");
  }
}

/** Half the agents of the demo have no counter of their own. */
async function usualOrAnyCounter(api, me) {
  if (me.counter !== null) return {};
  const counters = await api.get("/counters");
  return { counter_id: counters.items[0].id };
}

async function serve(api, ticket) {
  if (ticket.state === "called") await api.post(`/tickets/${ticket.id}/start`);
  await api.post(`/tickets/${ticket.id}/finish`);
}

/** An agent who serves `queueId`. */
export async function agentFor(session, queueId) {
  for (const agent of session.tokens.agents) {
    const me = await person(session, agent.token).get("/agents/me");
    if (me.queues.includes(queueId)) return agent;
  }
  throw new Error(`no agent of the demo serves queue ${queueId}`);
}

/** Opens the console of `agent` and signs in there, by keys alone but for the counter. */
export async function signIn(browser, agent) {
  const page = await open(browser, `/agent/?as=${agent.id}&lang=fr`, { viewport: { width: 1366, height: 768 } });
  await page.locator(".link-badge[data-link=live]").waitFor();
  const counters = page.locator(".counter select");
  await counters.locator("option:nth-child(2)").waitFor({ state: "attached" });
  if ((await page.locator(".presence").getAttribute("data-presence")) === "offline") {
    // The usual counter is proposed by the page; otherwise the first one is taken.
    if ((await counters.inputValue()) === "") await counters.selectOption({ index: 1 });
    await counters.evaluate((element) => element.blur());
    await page.keyboard.press("Space");
  }
  await page.locator(".presence[data-presence=available]").waitFor();
  return page;
}

/** A plain TCP line to the server, for a page that must lose its network. */
export async function cuttableLine() {
  const target = new URL(BASE);
  const open = new Set();
  let up = true;
  const server = createServer((near) => {
    if (!up) return near.destroy();
    const far = connect({ host: target.hostname, port: Number(target.port || 80) });
    for (const [end, other] of [[near, far], [far, near]]) {
      open.add(end);
      end.on("error", () => other.destroy());
      end.on("close", () => {
        open.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    base: `http://${target.hostname === "localhost" ? "localhost" : "127.0.0.1"}:${server.address().port}`,
    cut() {
      up = false;
      for (const end of open) end.destroy();
    },
    mend() {
      up = true;
    },
    close() {
      this.cut();
      server.close();
    },
  };
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}
