import { describe, expect, it } from "vitest";
import { createApi, Problem } from "../../src/lib/api";
import { freshKey } from "../../src/lib/keys";

interface Request { url: string; init: RequestInit }
type Answer = () => Promise<Response>;

const json = (status: number, body: object, headers: Record<string, string> = {}): Answer => () =>
  Promise.resolve(new Response(JSON.stringify(body), { status, headers }));
const silence: Answer = () => Promise.reject(new TypeError("failed to fetch"));

function open(answers: Answer[]) {
  const requests: Request[] = [];
  const pauses: number[] = [];
  const fresh: boolean[] = [];
  const api = createApi({
    tenant: "demo",
    token: (again) => {
      fresh.push(again);
      return Promise.resolve(again ? "new" : "old");
    },
    fetch: ((url: string, init: RequestInit) => {
      requests.push({ url, init });
      return (answers.shift() ?? silence)();
    }) as typeof fetch,
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  const header = (index: number, name: string) => (requests[index]?.init.headers as Record<string, string>)[name];
  return { api, requests, pauses, fresh, header };
}

describe("a command", () => {
  it("is repeated under one key while its outcome is unknown", async () => {
    const { api, requests, header } = open([silence, json(503, { code: "outcome_unknown" }), json(201, { id: "t1" })]);
    expect(await api.post("/tickets", { queue_id: "q" })).toEqual({ id: "t1" });
    const keys = requests.map((_, index) => header(index, "Idempotency-Key"));
    expect(new Set(keys).size).toBe(1);
    expect(keys).toHaveLength(3);
  });

  it("is not repeated once it was refused, and keeps the server's words", async () => {
    const { api, requests } = open([json(409, { code: "queue_closed", title: "Queue closed", detail: "queue A is closed" })]);
    const refused = await api.post("/tickets").catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Problem);
    expect(refused).toMatchObject({ status: 409, code: "queue_closed", detail: "queue A is closed" });
    expect(requests).toHaveLength(1);
  });

  it("is given up after a few silences", async () => {
    const { api, requests, pauses } = open([]);
    await expect(api.post("/tickets")).rejects.toMatchObject({ code: "network", status: 0 });
    expect(requests).toHaveLength(4);
    expect(pauses).toEqual([300, 600, 1_200]);
  });

  it("answers null when there is nothing to tell", async () => {
    const { api } = open([() => Promise.resolve(new Response(null, { status: 204 }))]);
    expect(await api.post("/agents/me/call-next")).toBeNull();
  });
});

it("asks for a fresh token once after a 401, and sends it in the header only", async () => {
  const { api, requests, fresh, header } = open([json(401, { code: "unauthenticated" }), json(200, { items: [] })]);
  await api.get("/queues?site_id=s");
  expect(fresh).toEqual([false, true]);
  expect(header(1, "Authorization")).toBe("Bearer new");
  expect(requests.every((request) => !request.url.includes("new") && !request.url.includes("old"))).toBe(true);
});

it("draws keys that look like UUIDs and do not repeat", () => {
  const keys = Array.from({ length: 200 }, freshKey);
  for (const key of keys) expect(key).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(keys).size).toBe(200);
});
