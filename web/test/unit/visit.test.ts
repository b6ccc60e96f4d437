import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "../../src/lib/api";
import { Problem } from "../../src/lib/api";
import type { Queue } from "../../src/lib/types";
import { selfServiceClasses, shut, SHOWN_MS, Visit } from "../../src/pages/kiosk/visit";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const queue = (over: Partial<Queue> = {}): Queue => ({
  id: "q1", name: "Caisse", site_id: "s", service_id: "v", prefix: "A", state: "open", full: false,
  waiting: 0, longest_wait_seconds: null, estimate: null, ...over,
});
const ticket = { id: "t1", number: "A001", position: 1, ahead: 0, estimate: null };
const senior = { key: "senior", names: { fr: "60 ans et plus" }, rank: 2, self_service: true };
const normal = { key: "normal", names: { fr: "Normal" }, rank: 0, self_service: true };

interface Sent { body: unknown; key: string | undefined }

function open(answers: (() => Promise<unknown>)[] = []) {
  const sent: Sent[] = [];
  const post = (_path: string, body?: object, key?: string) => {
    sent.push({ body, key });
    return (answers.shift() ?? (() => Promise.resolve(ticket)))();
  };
  const cleared = vi.fn();
  const visit = new Visit({ api: { post } as unknown as Api, language: () => "fr", cleared });
  return { visit, sent, cleared };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe("a visit at the kiosk", () => {
  it("asks for one ticket however often the tile is touched", async () => {
    const { visit, sent } = open();
    for (let tap = 0; tap < 5; tap++) visit.choose(queue());
    await settle();
    visit.choose(queue());
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual({ queue_id: "q1", channel: "kiosk", language: "fr" });
    expect(visit.screen.value.at).toBe("ticket");
  });

  it("keeps its key when it tries again, and takes a new one for the next customer", async () => {
    const failing = () => Promise.reject(new Problem(0, "network", "no answer", ""));
    const { visit, sent } = open([failing]);
    visit.choose(queue());
    await settle();
    expect(visit.screen.value.at).toBe("failed");
    visit.retry();
    await settle();
    expect(sent[1]?.key).toBe(sent[0]?.key);
    await vi.advanceTimersByTimeAsync(SHOWN_MS);
    visit.choose(queue());
    await settle();
    expect(sent[2]?.key).not.toBe(sent[0]?.key);
  });

  it("clears the number after eight seconds, and tells", async () => {
    const { visit, cleared } = open();
    visit.choose(queue());
    await settle();
    await vi.advanceTimersByTimeAsync(SHOWN_MS - 1);
    expect(visit.screen.value.at).toBe("ticket");
    await vi.advanceTimersByTimeAsync(1);
    expect(visit.screen.value.at).toBe("home");
    expect(cleared).toHaveBeenCalledOnce();
  });

  it("is not cleared by the second half of a double tap", async () => {
    const { visit } = open();
    visit.choose(queue());
    await settle();
    visit.clear();
    expect(visit.screen.value.at).toBe("ticket");
    await vi.advanceTimersByTimeAsync(800);
    visit.clear();
    expect(visit.screen.value.at).toBe("home");
  });

  it("asks for a priority only when one can be claimed, and not by a double tap", async () => {
    const { visit, sent } = open();
    visit.choose(queue({ classes: [normal, senior] }));
    expect(visit.screen.value.at).toBe("class");
    visit.chooseClass("senior");
    expect(sent).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(800);
    visit.chooseClass("senior");
    await settle();
    expect(sent[0]?.body).toMatchObject({ class: "senior" });
  });
});

it("offers only the classes a person may claim alone", () => {
  const vip = { ...senior, key: "vip", self_service: false };
  expect(selfServiceClasses(queue({ classes: [normal, vip] }))).toEqual([]);
  expect(selfServiceClasses(queue({ classes: [normal, senior, vip] })).map((one) => one.key)).toEqual(["senior"]);
});

it("says why nobody may join", () => {
  const states = [queue(), queue({ full: true }), queue({ state: "paused" }), queue({ state: "closing" }), queue({ state: "closed" })];
  expect(states.map(shut)).toEqual([null, "full", "paused", "closed", "closed"]);
});
