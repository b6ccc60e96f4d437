// The spoken side of the calls, in order, one at a time, never interrupted.
//
// It never touches the picture: a sound that fails or hangs is given up after a
// limit and the next one is played. When it runs late the later ones are shortened.
export type Manner = "full" | "short";

export interface Announcement {
  key: string;
  /** Called once if the sound was really heard to its end. */
  heard?: () => void;
}

export interface AnnouncerOptions {
  /** Resolves true when the sound was played to its end, false when it was muted. */
  play: (manner: Manner) => Promise<boolean>;
  now?: () => number;
  /** A sound that takes longer than this is given up. */
  soundMsMax?: number;
}

/** How far the sound may lag behind the picture before it is shortened. */
export const LAG_MS_MAX = 20_000;
const SOUND_MS_MAX = 6_000;
/** Keys remembered so that one call is never announced twice. */
const KEYS_MAX = 500;

export class Announcer {
  private readonly waiting: (Announcement & { at: number })[] = [];
  private readonly seen = new Set<string>();
  private playing = false;

  constructor(private readonly options: AnnouncerOptions) {}

  /** Queues one announcement; false when this key was announced before. */
  push(announcement: Announcement): boolean {
    if (this.seen.has(announcement.key)) return false;
    this.remember(announcement.key);
    this.waiting.push({ ...announcement, at: this.now() });
    void this.run();
    return true;
  }

  private async run(): Promise<void> {
    if (this.playing) return;
    this.playing = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      const manner = this.now() - next.at > LAG_MS_MAX ? "short" : "full";
      if (await this.sound(manner)) next.heard?.();
    }
    this.playing = false;
  }

  private async sound(manner: Manner): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<boolean>((done) => {
      timer = setTimeout(() => done(false), this.options.soundMsMax ?? SOUND_MS_MAX);
    });
    try {
      return await Promise.race([this.options.play(manner), limit]);
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
    }
  }

  private remember(key: string): void {
    this.seen.add(key);
    const oldest = this.seen.values().next();
    if (this.seen.size > KEYS_MAX && !oldest.done) this.seen.delete(oldest.value);
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}
