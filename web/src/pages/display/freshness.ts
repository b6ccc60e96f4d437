// How old what the wall shows is, and what that allows it to show. A wrong number is
// worse than none: after a minute without a word from the server it is taken down.
export type Freshness = "fresh" | "stale" | "lost";

export const STALE_MS = 7_000;
export const LOST_MS = 60_000;

/** `lastFrameAt` is 0 before the first frame; then nothing is shown that could be old. */
export function freshness(lastFrameAt: number, now: number): Freshness {
  const age = lastFrameAt === 0 ? 0 : now - lastFrameAt;
  if (age <= STALE_MS) return "fresh";
  return age <= LOST_MS ? "stale" : "lost";
}

/** A wall runs for months: it starts afresh once, at four in the morning of the site. */
export function reloadDue(siteHour: number, uptimeMs: number): boolean {
  return siteHour === 4 && uptimeMs > 2 * 3_600_000;
}
