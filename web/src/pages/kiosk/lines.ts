// The services of one site as the kiosk shows them: read over REST, read again when
// the site's topic says that something moved, and every few seconds besides.
import { signal } from "@preact/signals";
import type { Api } from "../../lib/api";
import { Live } from "../../lib/socket";
import type { Session } from "../../lib/session";
import type { Page, Queue, Service, Site } from "../../lib/types";

const READ_EVERY_MS = 10_000;
/** A burst of events is one reading. */
const SETTLE_MS = 500;

export class Lines {
  /** Null until the first answer. */
  readonly queues = signal<Queue[] | null>(null);
  readonly services = signal<Map<string, Service>>(new Map());
  /** False while the figures shown may be old. */
  readonly fresh = signal(false);
  readonly live: Live;
  private settling = false;

  constructor(session: Session, private readonly api: Api, private readonly site: Site) {
    this.live = new Live({ tenant: session.tenant, token: session.token, pingSecondsMax: 10 });
  }

  start(): void {
    void this.readServices();
    void this.readQueues();
    const moved = () => this.readSoon();
    this.live.subscribe(`site:${this.site.id}`, { snapshot: moved, event: moved });
    this.live.start();
    setInterval(() => void this.readQueues(), READ_EVERY_MS);
  }

  readSoon(): void {
    if (this.settling) return;
    this.settling = true;
    setTimeout(() => {
      this.settling = false;
      void this.readQueues();
    }, SETTLE_MS);
  }

  private async readQueues(): Promise<void> {
    try {
      const page = await this.api.get<Page<Queue>>(`/queues?site_id=${this.site.id}&limit=200`);
      this.queues.value = page.items;
      this.fresh.value = true;
      if (this.services.value.size === 0) void this.readServices();
    } catch {
      this.fresh.value = false;
    }
  }

  private async readServices(): Promise<void> {
    try {
      const page = await this.api.get<Page<Service>>(`/services?site_id=${this.site.id}&limit=200`);
      this.services.value = new Map(page.items.map((service) => [service.id, service]));
    } catch {
      // Tiles fall back to the queue's own name until the next reading.
    }
  }
}
