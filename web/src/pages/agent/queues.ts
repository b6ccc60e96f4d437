// The agent's queues with the heads of their lines, and the targets of a transfer.
// A queue's topic brings a snapshot, then each event asks for one fresh reading; a
// burst of events is one reading.
import { signal } from "@preact/signals";
import type { Api } from "../../lib/api";
import type { Live } from "../../lib/socket";
import type { Counter, Page, Queue } from "../../lib/types";

const SETTLE_MS = 400;

export class Queues {
  readonly byId = signal<ReadonlyMap<string, Queue>>(new Map());
  /** Every queue of the site, for transfers. */
  readonly targets = signal<readonly Queue[]>([]);
  readonly counters = signal<readonly Counter[]>([]);
  private readonly settling = new Set<string>();

  constructor(
    private readonly api: Api,
    private readonly live: Live,
    private readonly siteId: string,
  ) {}

  start(ids: readonly string[]): void {
    for (const id of ids) {
      void this.read(id);
      this.live.subscribe(`queue:${id}`, {
        snapshot: (data) => this.keep(data as Queue),
        event: () => this.readSoon(id),
      });
    }
  }

  readTargets(): void {
    const read = this.api.get<Page<Queue>>(`/queues?site_id=${this.siteId}&limit=200`);
    read.then((page) => (this.targets.value = page.items), () => undefined);
  }

  async readCounters(): Promise<void> {
    try {
      this.counters.value = (await this.api.get<Page<Counter>>(`/counters?site_id=${this.siteId}&limit=200`)).items;
    } catch {
      // Without the list an agent may still work without a counter.
    }
  }

  private readSoon(id: string): void {
    if (this.settling.has(id)) return;
    this.settling.add(id);
    setTimeout(() => {
      this.settling.delete(id);
      void this.read(id);
    }, SETTLE_MS);
  }

  private async read(id: string): Promise<void> {
    try {
      this.keep(await this.api.get<Queue>(`/queues/${id}`));
    } catch {
      // The counts stay as they were until the next event.
    }
  }

  private keep(queue: Queue): void {
    const head = queue.head ?? this.byId.value.get(queue.id)?.head ?? [];
    this.byId.value = new Map(this.byId.value).set(queue.id, { ...queue, head });
  }
}
