import { expect, it } from "vitest";
import { backoffMs, FIRST_MS, LONGEST_MS } from "../../src/lib/backoff";

it("doubles from the first pause and never passes the longest", () => {
  const pauses = [0, 1, 2, 3, 4, 5, 6, 1_000].map((attempt) => backoffMs(attempt, () => 1));
  expect(pauses).toEqual([400, 800, 1_600, 3_200, 6_400, 12_800, 15_000, 15_000]);
});

it("draws the upper half of the pause at random", () => {
  expect(backoffMs(0, () => 0)).toBe(FIRST_MS / 2);
  expect(backoffMs(50, () => 0)).toBe(LONGEST_MS / 2);
});
