// The frames a server may send, and the one place that reads them from text. An
// unknown operation or broken JSON yields null: a page ignores what it cannot read.

export interface EventFrame {
  op: "event";
  topic: string;
  seq: number;
  type: string;
  at: string;
  data: unknown;
}

export type ServerFrame =
  | { op: "welcome"; session: string; heartbeat_seconds: number; server_time: string }
  | { op: "subscribed"; topic: string; epoch: number; seq: number; recovered: boolean }
  | { op: "snapshot"; topic: string; epoch: number; seq: number; reset: boolean; data: unknown }
  | EventFrame
  | { op: "result"; id: string }
  | { op: "pong" }
  | { op: "reauth"; in_seconds: number };

const KNOWN = ["welcome", "subscribed", "snapshot", "event", "result", "pong", "reauth"];

/** Reads one text frame. */
export function parseFrame(text: unknown): ServerFrame | null {
  if (typeof text !== "string") return null;
  try {
    const frame: unknown = JSON.parse(text);
    if (typeof frame !== "object" || frame === null) return null;
    return KNOWN.includes((frame as { op: string }).op) ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}
