// How long to wait before the next attempt to connect: doubling from 0.4 s, never
// above 15 s, with the upper half drawn at random so that a hundred screens do not
// come back in the same instant. There is no last attempt.

export const FIRST_MS = 400;
export const LONGEST_MS = 15_000;

/** The pause before attempt number `attempt` (0 is the first retry). */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
