import { describe, expect, it } from "vitest";
import type { Me, Ticket } from "../../src/lib/types";
import { gestures, keyGesture, nextStep } from "../../src/pages/agent/gestures";

const me = (over: Partial<Me> = {}): Me => ({
  id: "a", name: "Awa", presence: "available", counter: null, queues: [], ticket: null, offer: null, dispatch: "pull", ...over,
});
const ticket = (state: string): Ticket => ({
  id: "t", number: "A001", state, class: "normal", queue_id: "q", service_id: "s", calls: 1,
  arrived_at: "",
});
const offer = { offer_id: "o", ticket: { id: "t", number: "A001" }, expires_at: "" };

describe("the space bar", () => {
  it("walks the whole day: call, start, finish, call", () => {
    expect(nextStep(me())).toBe("call_next");
    expect(nextStep(me({ presence: "busy", ticket: ticket("called") }))).toBe("start");
    expect(nextStep(me({ presence: "busy", ticket: ticket("serving") }))).toBe("finish");
    expect(nextStep(me({ presence: "wrap_up" }))).toBe("ready");
  });

  it("signs in, ends a break and accepts an offer", () => {
    expect(nextStep(me({ presence: "offline" }))).toBe("sign_in");
    expect(nextStep(me({ presence: "on_break" }))).toBe("end_break");
    expect(nextStep(me({ offer }))).toBe("accept");
  });
});

describe("the keys", () => {
  it.each([
    ["r", "recall"], ["R", "recall"], ["x", "no_show"], ["p", "hold"], ["t", "transfer"], ["b", "pause"],
    [" ", "call_next"], ["F1", "call_next"], ["F2", "recall"], ["F8", "pause"],
  ])("%s asks for %s", (key, gesture) => {
    expect(keyGesture(key, me())).toBe(gesture);
  });

  it("turn the break key round during a break", () => {
    expect(keyGesture("b", me({ presence: "on_break" }))).toBe("end_break");
  });

  it.each(["a", "Enter", "Tab", "Escape", "F5", "5"])("leave %s alone", (key) => {
    expect(keyGesture(key, me())).toBeNull();
  });
});

it("offers with a ticket in hand no gesture that would take another", () => {
  for (const state of ["called", "serving"]) expect(gestures(me({ presence: "busy", ticket: ticket(state) }))).not.toContain("call_next");
  expect(gestures(me({ offer }))).toEqual(["accept", "reject"]);
});
