import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Manner } from "../../src/pages/display/announce";
import { Announcer, LAG_MS_MAX } from "../../src/pages/display/announce";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const SOUND_MS = 1_000;
const sound = (): Promise<boolean> => new Promise((done) => setTimeout(() => done(true), SOUND_MS));

describe("announcements", () => {
  it("play each call once, in order, one at a time", async () => {
    let now = 0;
    let most = 0;
    const heard: string[] = [];
    const announcer = new Announcer({
      play: async () => {
        most = Math.max(most, ++now);
        await sound();
        now--;
        return true;
      },
    });
    const keys = Array.from({ length: 12 }, (_, index) => `t${index}/1`);
    for (const key of keys) announcer.push({ key, heard: () => heard.push(key) });
    for (const key of keys) expect(announcer.push({ key, heard: () => heard.push(key) })).toBe(false);
    await vi.advanceTimersByTimeAsync(20 * SOUND_MS);
    expect(heard).toEqual(keys);
    expect(most).toBe(1);
  });

  it("announce a recall, which is another call of the same ticket", async () => {
    const heard: string[] = [];
    const announcer = new Announcer({ play: sound });
    for (const key of ["t1/1", "t1/2"]) announcer.push({ key, heard: () => heard.push(key) });
    await vi.advanceTimersByTimeAsync(3 * SOUND_MS);
    expect(heard).toEqual(["t1/1", "t1/2"]);
  });

  it("go on after a sound that fails or never ends, without claiming it was heard", async () => {
    const heard: string[] = [];
    const plays = [() => Promise.reject(new Error("blocked")), () => new Promise<boolean>(() => undefined), sound];
    const announcer = new Announcer({ play: () => (plays.shift() ?? sound)(), soundMsMax: 6_000 });
    for (const key of ["fails", "hangs", "plays"]) announcer.push({ key, heard: () => heard.push(key) });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(heard).toEqual(["plays"]);
  });

  it("do not claim a muted sound was heard", async () => {
    const heard = vi.fn();
    new Announcer({ play: () => Promise.resolve(false) }).push({ key: "t1/1", heard });
    await vi.advanceTimersByTimeAsync(1);
    expect(heard).not.toHaveBeenCalled();
  });

  it("are shortened once they lag too far behind the picture", async () => {
    const manners: Manner[] = [];
    const play = async (manner: Manner) => {
      manners.push(manner);
      await new Promise((done) => setTimeout(done, 5_000));
      return true;
    };
    const announcer = new Announcer({ play });
    for (let index = 0; index < 7; index++) announcer.push({ key: String(index) });
    await vi.advanceTimersByTimeAsync(LAG_MS_MAX * 3);
    expect(manners).toEqual(["full", "full", "full", "full", "full", "short", "short"]);
  });
});
