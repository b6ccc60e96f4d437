import { describe, expect, it } from "vitest";
import { Cursor } from "../../src/lib/cursor";

describe("a cursor", () => {
  it("asks for a snapshot before it has seen anything", () => {
    expect(new Cursor().resume()).toBeNull();
    expect(new Cursor().judge(1)).toBe("gap");
  });

  it("applies the next frame once and drops its repeat", () => {
    const cursor = new Cursor();
    cursor.reset(7, 41);
    expect(cursor.judge(42)).toBe("apply");
    expect(cursor.judge(42)).toBe("repeat");
    expect(cursor.resume()).toEqual({ epoch: 7, seq: 42 });
  });

  it("reports a gap and stays where it was", () => {
    const cursor = new Cursor();
    cursor.reset(7, 41);
    expect(cursor.judge(44)).toBe("gap");
    expect(cursor.resume()).toEqual({ epoch: 7, seq: 41 });
  });

  it("keeps its own place when the server recovers it, whatever the server's head is", () => {
    const cursor = new Cursor();
    cursor.reset(7, 41);
    cursor.recovered(7, 99);
    expect(cursor.judge(42)).toBe("apply");
  });

  it("passes over gaps of a statistics topic, but never goes back", () => {
    const cursor = new Cursor(true);
    cursor.reset(1, 10);
    expect(cursor.judge(15)).toBe("apply");
    expect(cursor.judge(12)).toBe("repeat");
  });
});
