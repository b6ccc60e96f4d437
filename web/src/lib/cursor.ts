// Where a page stands in one topic: (epoch, seq), the last frame it has applied.
//
// A snapshot sets the place, an event moves it by exactly one, a repeat is dropped
// and a gap is reported: nothing is applied twice and nothing is passed over.

export type Verdict = "apply" | "repeat" | "gap";

export class Cursor {
  private epoch: number | null = null;
  private seq = 0;

  /** `gapsAllowed` is for statistics topics, which only carry the latest value. */
  constructor(private readonly gapsAllowed = false) {}

  /** What to send with `subscribe`; null asks for a snapshot. */
  resume(): { epoch: number; seq: number } | null {
    return this.epoch === null ? null : { epoch: this.epoch, seq: this.seq };
  }

  /** A snapshot tells everything up to and including `seq`. */
  reset(epoch: number, seq: number): void {
    this.epoch = epoch;
    this.seq = seq;
  }

  /** The server takes up where we stood; only a page that stood nowhere moves. */
  recovered(epoch: number, seq: number): void {
    if (this.epoch === null) this.seq = seq;
    this.epoch = epoch;
  }

  /** May this event be applied? Moves on when it may. */
  judge(seq: number): Verdict {
    if (this.epoch === null) return "gap";
    if (seq <= this.seq) return "repeat";
    if (seq !== this.seq + 1 && !this.gapsAllowed) return "gap";
    this.seq = seq;
    return "apply";
  }

  forget(): void {
    this.epoch = null;
    this.seq = 0;
  }
}
