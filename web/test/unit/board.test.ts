import { describe, expect, it } from "vitest";
import type { Call } from "../../src/lib/types";
import { called, EMPTY, featured, fromSnapshot, left } from "../../src/pages/display/board";
import { counterLines, counterShort } from "../../src/pages/display/counter";
import { freshness, reloadDue } from "../../src/pages/display/freshness";

const T0 = Date.parse("2026-11-23T14:00:00Z");

function call(id: string, calls = 1, at = T0): Call {
  return { ticket: { id, number: id, class: "normal", queue_id: "q" }, counter: "3", calls, called_at: new Date(at).toISOString() };
}

const site = { id: "s", slug: "plateau", name: "Plateau", timezone: "Africa/Dakar" };
const numbers = (board: { calls: readonly Call[] }) => board.calls.map((one) => one.ticket.number);

describe("the board", () => {
  it("puts a call, and a recall, in front", () => {
    const twice = called(called(EMPTY, call("A1"), T0), call("A2"), T0 + 9_000);
    expect(numbers(twice)).toEqual(["A2", "A1"]);
    expect(numbers(called(twice, call("A1", 2), T0 + 20_000))).toEqual(["A1", "A2"]);
  });

  it("takes a ticket off when its call ends, and ignores one it does not know", () => {
    const board = called(EMPTY, call("A1"), T0);
    expect(numbers(left(board, "A9"))).toEqual(["A1"]);
    expect(numbers(left(board, "A1"))).toEqual([]);
  });

  it("shows two calls together when they come within three seconds", () => {
    const first = called(EMPTY, call("A1"), T0);
    expect(featured(called(first, call("A2"), T0 + 2_000)).map((one) => one.ticket.id)).toEqual(["A2", "A1"]);
    expect(featured(called(first, call("A2"), T0 + 4_000)).map((one) => one.ticket.id)).toEqual(["A2"]);
    expect(featured(EMPTY)).toEqual([]);
  });

  it("announces from a snapshot only the recent calls it has not shown, oldest first", () => {
    const known = called(EMPTY, call("A1"), T0);
    const calls = [call("A4", 1, T0), call("A3", 1, T0 - 5_000), call("A1"), call("A0", 1, T0 - 60_000)];
    const next = fromSnapshot(known, { calls, queues: [], site }, T0 + 1_000);
    expect(next.news.map((one) => one.ticket.id)).toEqual(["A3", "A4"]);
    expect(numbers(next.board)).toEqual(["A4", "A3", "A1", "A0"]);
  });

  it("leaves out of a snapshot what is no longer called, and keeps ten at most", () => {
    const served = { ...call("A1"), state: "serving" };
    const many = Array.from({ length: 14 }, (_, index) => call(`B${index}`));
    expect(numbers(fromSnapshot(EMPTY, { calls: [served, call("A2")], queues: [], site }, T0).board)).toEqual(["A2"]);
    expect(fromSnapshot(EMPTY, { calls: many, queues: [], site }, T0).board.calls).toHaveLength(10);
  });
});

describe("a counter's name", () => {
  it.each(["3", "Guichet 3", "counter 3", "شباك 3"])("%s is said in each language of the wall", (name) => {
    const lines = counterLines(name, ["fr", "en", "ar"]).map((line) => line.text);
    expect(lines).toEqual(["Guichet 3", "Counter 3", "شباك \u20683\u2069"]);
    expect(counterShort(name)).toBe("3");
  });

  it("is shown once, as written, when it is a name of its own", () => {
    expect(counterLines("Caisse rapide", ["fr", "ar"])).toEqual([{ lang: "fr", text: "Caisse rapide" }]);
  });

  it("sends people to the agent when there is none", () => {
    expect(counterLines(null, ["fr"])[0]?.text).toBe("Voir l'agent");
  });
});

describe("the age of the picture", () => {
  it("is stale after seven seconds and lost after a minute", () => {
    expect([7_000, 7_001, 60_000, 60_001].map((age) => freshness(T0, T0 + age))).toEqual(["fresh", "stale", "stale", "lost"]);
  });

  it("lets the page start afresh at four in the morning, once", () => {
    expect(reloadDue(4, 3 * 3_600_000)).toBe(true);
    expect(reloadDue(4, 60_000)).toBe(false);
    expect(reloadDue(5, 9 * 3_600_000)).toBe(false);
  });
});
