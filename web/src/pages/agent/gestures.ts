// What an agent may do now, and which key does it: pure functions of the agent's view.
//
// `Space` always means the natural next step; the letters are fixed. A gesture that
// is not allowed now is simply not offered, and the server remains the judge.
import type { Me, Ticket } from "../../lib/types";

export type Gesture =
  | "sign_in"
  | "sign_out"
  | "call_next"
  | "start"
  | "finish"
  | "recall"
  | "no_show"
  | "hold"
  | "requeue"
  | "transfer"
  | "pause"
  | "end_break"
  | "ready"
  | "accept"
  | "reject";

const LETTERS: Readonly<Record<string, Gesture>> = { r: "recall", x: "no_show", p: "hold", t: "transfer" };
/** The twins of the letters, for numeric keypads and other layouts. */
const FUNCTION_KEYS: Readonly<Record<string, Gesture>> = {
  F2: "recall",
  F3: "no_show",
  F4: "hold",
  F6: "transfer",
};

/** The step that `Space` takes; null when there is none. */
export function nextStep(me: Me): Gesture | null {
  if (me.offer !== null) return "accept";
  if (me.ticket?.state === "called") return "start";
  if (me.ticket?.state === "serving") return "finish";
  switch (me.presence) {
    case "offline":
      return "sign_in";
    case "on_break":
      return "end_break";
    case "wrap_up":
      return "ready";
    case "available":
    case "busy":
      return "call_next";
  }
}

/** Everything that makes sense now, in the order of the buttons, next step first. */
export function gestures(me: Me): Gesture[] {
  const next = nextStep(me);
  const all = next === null ? [] : [next];
  if (me.offer !== null) return [...all, "reject"];
  if (me.ticket !== null) return [...all, ...withTicket(me.ticket)];
  return [...all, ...withoutTicket(me)];
}

function withTicket(ticket: Ticket): Gesture[] {
  if (ticket.state === "called") return ["recall", "no_show", "hold", "requeue"];
  if (ticket.state === "serving") return ["transfer", "hold"];
  return [];
}

function withoutTicket(me: Me): Gesture[] {
  switch (me.presence) {
    case "offline":
      return [];
    case "available":
    case "busy":
    case "wrap_up":
      return ["pause", "sign_out"];
    case "on_break":
      return ["sign_out"];
  }
}

/** The gesture a key asks for, whether or not it is allowed now; null for other keys. */
export function keyGesture(key: string, me: Me): Gesture | null {
  if (key === " " || key === "F1") return nextStep(me);
  if (key === "F8" || key.toLowerCase() === "b") return me.presence === "on_break" ? "end_break" : "pause";
  return LETTERS[key.toLowerCase()] ?? FUNCTION_KEYS[key] ?? null;
}

/** The key shown on a button. */
export function keyName(gesture: Gesture, me: Me, space: string): string {
  if (gesture === nextStep(me)) return space;
  if (gesture === "pause" || gesture === "end_break") return "B";
  const letter = Object.keys(LETTERS).find((key) => LETTERS[key] === gesture);
  return letter?.toUpperCase() ?? "";
}
