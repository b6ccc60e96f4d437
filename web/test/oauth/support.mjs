// A program of its own for the tests of signing in, and a browser without JavaScript.
//
// The program is SMARTQUEUE_BIN, else the debug build; it listens on a free port, in an
// empty folder, and is ended by its own process id.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const PROGRAM = process.env.SMARTQUEUE_BIN ?? resolve(import.meta.dirname, "../../../target/debug/smartqueue");
const READY_MS_MAX = 60_000;
export const EMAIL = "awa@bank.example";
export const PASSWORD = "a long sentence about rain";

/** Starts the program, with `config` as its file; resolves with its address and the set-up link of its first start. */
export async function start(config = "") {
  const folder = mkdtempSync(join(tmpdir(), "smartqueue-oauth-"));
  const file = join(folder, "smartqueue.toml");
  writeFileSync(file, config);
  const flags = ["--config", file, "--listen", "127.0.0.1:0", "--data-dir", join(folder, "data")];
  const child = spawn(PROGRAM, ["serve", ...flags], {
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (data) => (said.out += data));
  child.stderr.on("data", (data) => (said.err += data));
  const gone = new Promise((done) => child.on("exit", done));
  const stop = async () => {
    child.kill("SIGTERM");
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + READY_MS_MAX;
  for (;;) {
    const base = /^(http:\/\/\S+)$/m.exec(said.out)?.[1];
    const link = /(http:\/\/\S+\/setup\/\S+)/.exec(said.err)?.[1];
    if (base !== undefined && link !== undefined) return { base, link, stop };
    if (Date.now() > deadline || child.exitCode !== null) {
      await stop();
      throw new Error(`the program did not become ready; it said:\n${said.out}\n${said.err}`);
    }
    await new Promise((wait) => setTimeout(wait, 50));
  }
}

/** Keeps cookies, follows redirects within `base`, and sends forms as it got them. */
export class Browser {
  #cookies = new Map();
  #base;
  page = "";

  constructor(base) {
    this.#base = base;
  }

  /** The last answer that does not lead to a page of the program's. */
  async get(address) {
    return this.#follow(await this.#send(address, { method: "GET" }));
  }

  /** Fills in the form that goes to `action`. */
  async submit(action, filled) {
    const fields = new URLSearchParams([...this.#hidden(action), ...Object.entries(filled)]);
    const headers = { origin: this.#base, "content-type": "application/x-www-form-urlencoded" };
    return this.#follow(await this.#send(action, { method: "POST", headers, body: fields.toString() }));
  }

  async #send(address, init) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...init.headers, cookie, "accept-language": "fr" };
    const answer = await fetch(new URL(address, this.#base), { ...init, headers, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [name, value] = set.split(";")[0].split("=");
      this.#cookies.set(name, value);
    }
    this.page = await answer.text();
    return answer;
  }

  async #follow(answer) {
    let current = answer;
    while (current.status === 303) {
      const next = new URL(current.headers.get("location"), this.#base);
      // What comes back to a client is the client's to look at.
      if (next.origin !== this.#base || next.searchParams.has("code") || next.searchParams.has("error")) return next;
      current = await this.#send(next.href, { method: "GET" });
    }
    if (current.status >= 400) throw new Error(`${current.status}: ${this.page}`);
    return current;
  }

  #hidden(action) {
    const form = this.page.split(`action="${action}">`)[1]?.split("</form>")[0];
    if (form === undefined) throw new Error(`no form ${action} on ${this.page}`);
    const inputs = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
    return [...inputs].map(([, name, value]) => [name, plain(value)]);
  }
}

function plain(text) {
  const entities = { "&quot;": '"', "&#39;": "'", "&lt;": "<", "&gt;": ">", "&amp;": "&" };
  return text.replace(/&(?:quot|#39|lt|gt|amp);/g, (entity) => entities[entity]);
}

/** Makes the bank and its administrator through the set-up link. */
export async function setUp({ base, link }) {
  const browser = new Browser(base);
  await browser.get(link);
  const path = new URL(link).pathname;
  await browser.submit(path, { email: EMAIL, password: PASSWORD, again: PASSWORD, name: "Bank", tenant: "bank" });
}

/** From the client's request to the address it comes back to. */
export async function signIn(base, url) {
  const browser = new Browser(base);
  await browser.get(url.href);
  return browser.submit("/signin", { email: EMAIL, password: PASSWORD });
}

/** Keeps cookies by origin and follows every redirect, until `end` or a page. */
export class Traveller {
  #jars = new Map();
  #end;
  visited = [];

  constructor(end) {
    this.#end = end;
  }

  has(name) {
    return [...this.#jars.values()].some((jar) => jar.has(name));
  }

  /** The page it ends on: its address, status and text. */
  async get(address) {
    let url = new URL(address);
    for (let hops = 0; hops < 20; hops++) {
      this.visited.push(url.href);
      const answer = await this.#send(url);
      const text = await answer.text();
      const next = answer.headers.get("location");
      if (next === null) return { url: url.href, status: answer.status, text };
      url = new URL(next, url);
      // What comes back to the client is the client's to look at.
      if (url.href.startsWith(`${this.#end}?`)) return { url: url.href, status: answer.status, text };
    }
    throw new Error(`it goes on for ever: ${this.visited.join(" ")}`);
  }

  async #send(url) {
    const jar = this.#jars.get(url.origin) ?? new Map();
    this.#jars.set(url.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { headers: { cookie, "accept-language": "fr" }, redirect: "manual" });
    for (const set of answer.headers.getSetCookie()) {
      const [name, ...value] = set.split(";")[0].split("=");
      jar.set(name, value.join("="));
    }
    return answer;
  }
}
