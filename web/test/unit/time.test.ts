import { describe, expect, it } from "vitest";
import { clockText, dateText, minutesRange, minutesSince, spanText } from "../../src/lib/time";

const AT = Date.parse("2026-11-23T14:02:43Z");
const estimate = (p10: number, p90: number) => ({ p10_seconds: p10, p50_seconds: (p10 + p90) / 2, p90_seconds: p90 });

describe("a clock", () => {
  it("shows the site's time, not the device's", () => {
    expect(clockText(AT, "Africa/Dakar", "fr")).toBe("14:02");
    expect(clockText(AT, "Asia/Tokyo", "fr")).toBe("23:02");
  });

  it("keeps the digits 0 to 9 in Arabic", () => {
    expect(clockText(AT, "Africa/Dakar", "ar", true)).toContain("14:02:43");
    expect(dateText(AT, "Africa/Dakar", "ar")).toMatch(/23/);
  });

  it("counts midnight as 00 and survives an unknown zone", () => {
    expect(clockText(Date.parse("2026-11-23T00:05:00Z"), "Africa/Dakar", "en")).toBe("00:05");
    expect(clockText(AT, "Nowhere/Nothing", "fr")).toMatch(/^\d\d:\d\d$/);
  });

  it("writes the day in words", () => {
    expect(dateText(AT, "Africa/Dakar", "fr")).toBe("lundi 23 novembre");
  });
});

describe("a range of minutes", () => {
  it.each([
    [0, 30, 0, 1],
    [130, 290, 2, 5],
    [8 * 60, 14 * 60, 8, 15],
    [11 * 60, 21 * 60, 10, 25],
    [600, 600, 10, 10],
  ])("of %i to %i s is %i to %i min", (p10, p90, from, to) => {
    expect(minutesRange(estimate(p10, p90))).toEqual({ from, to });
  });

  it("is the one that the server shows, where it says one", () => {
    const told = { ...estimate(130, 290), shown: { from_seconds: 0, to_seconds: 900 } };
    expect(minutesRange(told)).toEqual({ from: 0, to: 15 });
  });

  it("always contains what it was made from", () => {
    for (let p10 = 0; p10 < 7_200; p10 += 37) {
      for (const width of [0, 1, 59, 600, 5_000]) {
        const { from, to } = minutesRange(estimate(p10, p10 + width));
        expect(from * 60).toBeLessThanOrEqual(p10);
        expect(to * 60).toBeGreaterThanOrEqual(p10 + width);
      }
    }
  });
});

it("writes spans and never a negative one", () => {
  expect([18_000, 725_000, 3_723_000, -5_000].map(spanText)).toEqual(["0:18", "12:05", "1:02:03", "0:00"]);
});

it("counts whole minutes since a time, and none from nonsense", () => {
  expect(minutesSince("2026-11-23T13:50:00Z", AT)).toBe(12);
  expect([null, "soon", "2027-01-01T00:00:00Z"].map((at) => minutesSince(at, AT))).toEqual([0, 0, 0]);
});
