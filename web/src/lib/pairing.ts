// How an unknown page becomes a device: it asks for six digits, shows them, and waits
// until somebody has entered them. Then it has a credential, which it keeps on the
// device and trades for short tokens; the credential itself is sent nowhere else.
import { Problem, within, read } from "./api";
import type { Session } from "./session";

export type DeviceRole = "kiosk" | "display";

/** What the device keeps: its tenant, and by what it is known. */
interface Kept {
  tenant: string;
  credential: string;
}

interface Begun {
  id: string;
  code: string;
  secret: string;
  expires_in_seconds: number;
  poll_seconds: number;
}

interface Claimed {
  state: "waiting" | "paired";
  credential?: string;
  device?: { tenant: string };
}

interface Traded {
  access_token: string;
  expires_in: number;
}

export interface PairingOptions {
  role: DeviceRole;
  /** A code to show, or null while there is none. */
  show: (code: string | null) => void;
  send?: typeof fetch;
  pause?: (ms: number) => Promise<void>;
  /** True once nobody waits for the code any more. */
  stopped?: () => boolean;
}

const ANSWER_MS_MAX = 10_000;
const RETRY_MS = 3_000;
/** A token is renewed this long before its end. */
const EARLY_MS = 60_000;
const place = (role: DeviceRole) => `smartqueue.device.${role}`;
const pauseFor = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

async function ask<T>(send: typeof fetch, path: string, body: object): Promise<T> {
  const init: RequestInit = {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    credentials: "omit",
    cache: "no-store",
    body: JSON.stringify(body),
  };
  return (await read<T>(await within(ANSWER_MS_MAX, (signal) => send(`/api/v1${path}`, { ...init, signal })))) as T;
}

/** Shows one code after the other until one was entered, and keeps the credential. */
export async function pair(options: PairingOptions): Promise<boolean> {
  const send = options.send ?? ((input, init) => fetch(input, init));
  const pause = options.pause ?? pauseFor;
  while (options.stopped?.() !== true) {
    try {
      const kept = await oneCode(options, send, pause);
      if (kept === null) continue;
      localStorage.setItem(place(options.role), JSON.stringify(kept));
      return true;
    } catch (error) {
      options.show(null);
      const wait = error instanceof Problem ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
      await pause(Math.max(RETRY_MS, wait));
    }
  }
  return false;
}

/** Null when the code's time is over, or the server has forgotten it. */
async function oneCode(options: PairingOptions, send: typeof fetch, pause: (ms: number) => Promise<void>): Promise<Kept | null> {
  const begun = await ask<Begun>(send, "/pairings", { kind: options.role });
  options.show(begun.code);
  const looks = Math.ceil(begun.expires_in_seconds / begun.poll_seconds);
  for (let look = 0; look < looks && options.stopped?.() !== true; look++) {
    await pause(begun.poll_seconds * 1_000);
    const claimed = await claim(send, begun);
    if (claimed === null) return null;
    const { credential, device } = claimed;
    if (credential !== undefined && device !== undefined) return { tenant: device.tenant, credential };
  }
  return null;
}

async function claim(send: typeof fetch, begun: Begun): Promise<Claimed | null> {
  try {
    return await ask<Claimed>(send, `/pairings/${begun.id}/claim`, { secret: begun.secret });
  } catch (error) {
    if (!(error instanceof Problem) || error.status === 404) return null;
    // No answer: the code is still good, and the next look may get one.
    return { state: "waiting" };
  }
}

/** The session of a device that was paired earlier; null on one that was not. */
export function deviceSession(role: DeviceRole, send: typeof fetch = (input, init) => fetch(input, init)): Session | null {
  const kept = remembered(role);
  if (kept === null) return null;
  let token: string | null = null;
  let ends = 0;
  return {
    tenant: kept.tenant,
    demo: null,
    async token(fresh) {
      if (!fresh && token !== null && Date.now() < ends - EARLY_MS) return token;
      try {
        const traded = await ask<Traded>(send, "/devices/token", { credential: kept.credential });
        ends = Date.now() + traded.expires_in * 1_000;
        token = traded.access_token;
        return token;
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 401) throw error;
        // Revoked, or paired anew elsewhere: this device is unknown again.
        localStorage.removeItem(place(role));
        return null;
      }
    },
  };
}

function remembered(role: DeviceRole): Kept | null {
  try {
    const kept = JSON.parse(localStorage.getItem(place(role)) ?? "null") as Partial<Kept> | null;
    if (typeof kept?.tenant !== "string" || typeof kept.credential !== "string") return null;
    return { tenant: kept.tenant, credential: kept.credential };
  } catch {
    return null;
  }
}
