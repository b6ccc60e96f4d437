import { beforeEach, expect, it, vi } from "vitest";
import { deviceSession, pair } from "../../src/lib/pairing";

type Answer = [number, object] | null;

const kept = new Map<string, string>();
beforeEach(() => {
  kept.clear();
  vi.stubGlobal("localStorage", {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
    removeItem: (name: string) => void kept.delete(name),
  });
});

function server(answers: Answer[]) {
  const asked: { path: string; body: Record<string, unknown> }[] = [];
  const send = ((path: string, init: RequestInit) => {
    asked.push({ path, body: JSON.parse(String(init.body)) as Record<string, unknown> });
    const answer = answers.shift();
    if (answer === null || answer === undefined) return Promise.reject(new TypeError("failed to fetch"));
    return Promise.resolve(new Response(JSON.stringify(answer[1]), { status: answer[0] }));
  }) as typeof fetch;
  return { asked, send };
}

const begun: Answer = [201, { id: "p1", code: "482913", secret: "s", expires_in_seconds: 4, poll_seconds: 2 }];
const waiting: Answer = [200, { state: "waiting" }];
const paired: Answer = [200, { state: "paired", credential: "sqd_x", device: { tenant: "bank" } }];
const paused: number[] = [];
const pause = (ms: number) => {
  paused.push(ms);
  return Promise.resolve();
};

it("shows a code until it was entered, and keeps the credential on the device", async () => {
  const { asked, send } = server([begun, waiting, paired]);
  const shown: (string | null)[] = [];
  expect(await pair({ role: "kiosk", show: (code) => shown.push(code), send, pause })).toBe(true);
  expect(shown).toEqual(["482913"]);
  expect(asked.map((one) => one.path)).toEqual(["/api/v1/pairings", "/api/v1/pairings/p1/claim", "/api/v1/pairings/p1/claim"]);
  expect(asked[0]?.body).toEqual({ kind: "kiosk" });
  expect(asked[1]?.body).toEqual({ secret: "s" });
  expect(deviceSession("kiosk")?.tenant).toBe("bank");
  expect(deviceSession("display")).toBeNull();
});

it("shows another code when one has ended or was forgotten, and goes on through silences", async () => {
  const forgotten: Answer = [404, { code: "not_found" }];
  const { send } = server([null, begun, waiting, waiting, begun, forgotten, begun, null, paired]);
  const shown: (string | null)[] = [];
  expect(await pair({ role: "display", show: (code) => shown.push(code), send, pause })).toBe(true);
  expect(shown).toEqual([null, "482913", "482913", "482913"]);
});

it("trades its credential for a token, once per life of a token", async () => {
  kept.set("smartqueue.device.kiosk", JSON.stringify({ tenant: "bank", credential: "sqd_x" }));
  const traded = (token: string): Answer => [200, { access_token: token, expires_in: 600 }];
  const { asked, send } = server([traded("t1"), traded("t2")]);
  const session = deviceSession("kiosk", send);
  expect(await session?.token(false)).toBe("t1");
  expect(await session?.token(false)).toBe("t1");
  expect(await session?.token(true)).toBe("t2");
  expect(asked.map((one) => one.body)).toEqual([{ credential: "sqd_x" }, { credential: "sqd_x" }]);
});

it("forgets a credential that was revoked, and keeps it through a silence", async () => {
  kept.set("smartqueue.device.kiosk", JSON.stringify({ tenant: "bank", credential: "sqd_x" }));
  const { send } = server([null, [401, { code: "invalid_token" }]]);
  const session = deviceSession("kiosk", send);
  await expect(session?.token(false)).rejects.toMatchObject({ code: "network" });
  expect(deviceSession("kiosk")).not.toBeNull();
  expect(await session?.token(false)).toBeNull();
  expect(deviceSession("kiosk")).toBeNull();
});
