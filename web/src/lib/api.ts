// REST as the pages need it: read, and command with an idempotency key.
//
// Every failure is a `Problem`: the server's own problem+json, or code "network"
// with status 0 when no answer came. A command is repeated under the same key
// while its outcome is unknown, so a repeat can never do a thing twice.
import { freshKey } from "./keys";

const ANSWER_MS_MAX = 10_000;
/** Repeats of a command without an answer; with the pauses below about 4 s. */
const REPEATS_MAX = 3;
const REPEAT_PAUSE_MS_MAX = 3_000;

/** A refusal or a failure, in the server's words where there are any. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(detail || title || code);
  }

  /** True while nobody can say whether the command was carried out. */
  get outcomeUnknown(): boolean {
    return this.status === 0 || this.status >= 500 || this.code.includes("in_flight") || this.code.includes("in_progress");
  }
}

export interface ApiOptions {
  tenant: string;
  /** The bearer token; `fresh` asks for another one after a 401. */
  token: (fresh: boolean) => Promise<string | null>;
  fetch?: typeof fetch;
  pause?: (ms: number) => Promise<void>;
}

export interface Api {
  get<T>(path: string): Promise<T>;
  /** Carries out one command; null when the answer has no body (204). */
  post<T>(path: string, body?: object, key?: string): Promise<T | null>;
}

const pauseFor = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** The API of one tenant. */
export function createApi(options: ApiOptions): Api {
  const base = `/api/v1/tenants/${encodeURIComponent(options.tenant)}`;
  const send = options.fetch ?? ((input, init) => fetch(input, init));
  const pause = options.pause ?? pauseFor;

  async function once<T>(method: string, path: string, fresh: boolean, body?: object, key?: string): Promise<T | null> {
    const token = await options.token(fresh);
    if (token === null) throw new Problem(401, "unauthenticated", "no token", "");
    const headers: Record<string, string> = { Accept: "application/json", Authorization: `Bearer ${token}` };
    if (key !== undefined) headers["Idempotency-Key"] = key;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const init: RequestInit = { method, headers, credentials: "omit", cache: "no-store" };
    if (body !== undefined) init.body = JSON.stringify(body);
    return read<T>(await within(ANSWER_MS_MAX, (signal) => send(base + path, { ...init, signal })));
  }

  async function authorised<T>(method: string, path: string, body?: object, key?: string): Promise<T | null> {
    try {
      return await once<T>(method, path, false, body, key);
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 401) throw error;
      return once<T>(method, path, true, body, key);
    }
  }

  return {
    async get<T>(path: string) {
      return (await authorised<T>("GET", path)) as T;
    },
    async post<T>(path: string, body: object = {}, key: string = freshKey()) {
      for (let attempt = 0; ; attempt++) {
        try {
          return await authorised<T>("POST", path, body, key);
        } catch (error) {
          if (!(error instanceof Problem) || !error.outcomeUnknown || attempt >= REPEATS_MAX) throw error;
          const asked = (error.retryAfterSeconds ?? 0) * 1_000;
          await pause(Math.min(REPEAT_PAUSE_MS_MAX, Math.max(asked, 300 * 2 ** attempt)));
        }
      }
    },
  };
}

/** Waits so long for an answer, and no longer. */
export async function within(ms: number, run: (signal: AbortSignal) => Promise<Response>): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    return await run(stop.signal);
  } catch {
    throw new Problem(0, "network", "no answer", "");
  } finally {
    clearTimeout(timer);
  }
}

/** The body of a good answer, null when it has none; throws the problem of another. */
export async function read<T>(response: Response): Promise<T | null> {
  if (response.status === 204) return null;
  const body: unknown = await response.json().catch(() => null);
  if (response.ok) {
    if (body === null) throw new Problem(0, "network", "answer cut short", "");
    return body as T;
  }
  const facts = (body ?? {}) as Record<string, unknown>;
  const text = (name: string) => (typeof facts[name] === "string" ? (facts[name] as string) : "");
  const after = Number(response.headers.get("Retry-After"));
  const retry = Number.isFinite(after) && after > 0 ? after : null;
  throw new Problem(response.status, text("code") || `http_${response.status}`, text("title"), text("detail"), retry);
}
