// What stands on the wall: the calls that are out now, newest first.
//
// Pure functions from a board and a frame to the next board. A call or a recall goes
// to the front, anything that ends the call takes it off, and a frame about a ticket
// that is not on the board changes nothing.
import type { Call, SiteSnapshot } from "../../lib/types";

export interface BoardCall extends Call {
  /** Milliseconds since the epoch at which this screen learnt of it. */
  seenAt: number;
  /** True when it arrived as news and should draw the eye. */
  news: boolean;
}

export interface Board {
  calls: readonly BoardCall[];
  queues: SiteSnapshot["queues"];
}

export const EMPTY: Board = { calls: [], queues: [] };
/** One in front and rows for the others; the oldest fall off. */
const CALLS_MAX = 10;
/** Two calls closer together than this share the front. */
const TOGETHER_MS = 3_000;
/** After a gap, calls younger than this are announced; older ones are only shown. */
export const STILL_NEWS_MS = 30_000;

/** One announcement: a recall of the same ticket is another one. */
export function callKey(call: Call): string {
  return `${call.ticket.id}/${call.calls}`;
}

/** The board a snapshot describes, and which of its calls are news to this screen. */
export function fromSnapshot(board: Board, snapshot: SiteSnapshot, now: number): { board: Board; news: BoardCall[] } {
  const known = new Map(board.calls.map((call) => [callKey(call), call]));
  const calls = (snapshot.calls ?? [])
    .filter((call) => call.state === undefined || call.state === "called")
    .slice(0, CALLS_MAX)
    .map((call) => known.get(callKey(call)) ?? { ...call, seenAt: now, news: isRecent(call, now) });
  // Oldest first: announcements keep the order of the calls.
  const news = calls.filter((call) => call.news && !known.has(callKey(call))).reverse();
  return { board: { calls, queues: snapshot.queues ?? [] }, news };
}

function isRecent(call: Call, now: number): boolean {
  const age = now - Date.parse(call.called_at);
  return Number.isFinite(age) && age < STILL_NEWS_MS;
}

/** A ticket was called, or called again. */
export function called(board: Board, call: Call, now: number): Board {
  const others = board.calls.filter((one) => one.ticket.id !== call.ticket.id);
  return { ...board, calls: [{ ...call, seenAt: now, news: true }, ...others].slice(0, CALLS_MAX) };
}

/** The ticket is no longer called: served, gone, or back in line. */
export function left(board: Board, ticketId: string): Board {
  return { ...board, calls: board.calls.filter((call) => call.ticket.id !== ticketId) };
}

/** The calls in front: the newest, and the one before it when they came together. */
export function featured(board: Board): readonly BoardCall[] {
  const [first, second] = board.calls;
  if (first === undefined) return [];
  const together = second !== undefined && second.news && first.seenAt - second.seenAt < TOGETHER_MS;
  return together ? [first, second] : [first];
}
