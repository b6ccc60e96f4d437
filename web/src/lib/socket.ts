// The live connection of one page: one socket, many topics, resumed by (epoch, seq).
//
// It authenticates with the first frame, subscribes every topic at its cursor, pings,
// and reconnects for ever with a jittered back-off. Always true: a handler sees each
// event of its topic once and in order, or a snapshot that replaces all it knew.
import { signal } from "@preact/signals";
import { backoffMs } from "./backoff";
import { Cursor } from "./cursor";
import type { EventFrame, ServerFrame } from "./frames";
import { parseFrame } from "./frames";

export type Link = "connecting" | "live" | "reconnecting" | "unauthorized";

export interface TopicHandler {
  snapshot(data: unknown): void;
  event(frame: EventFrame): void;
}

/** The part of the browser's WebSocket that is used here. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((message: { data: unknown }) => void) | null;
  onclose: ((closed: { code: number }) => void) | null;
  send(text: string): void;
  close(): void;
}

export interface LiveOptions {
  tenant: string;
  token: (fresh: boolean) => Promise<string | null>;
  /** At most this long between pings; the server's heartbeat when shorter. */
  pingSecondsMax?: number;
  connect?: (path: string, protocol: string) => SocketLike;
  now?: () => number;
  random?: () => number;
}

const PROTOCOL = "smartqueue.v1.json";
/** From opening the socket to `welcome`; the server itself hangs up after 5 s. */
const WELCOME_MS_MAX = 8_000;
/** After the browser reports a change of network, an answer must come this soon. */
const PROBE_MS = 2_500;

interface Subscription {
  cursor: Cursor;
  handler: TopicHandler;
}

export class Live {
  readonly link = signal<Link>("connecting");
  /** Milliseconds since the epoch of the last frame; 0 before the first. */
  readonly lastFrameAt = signal(0);
  readonly attempt = signal(0);

  private readonly topics = new Map<string, Subscription>();
  private socket: SocketLike | null = null;
  private generation = 0;
  private wantFreshToken = false;
  private pingedAt: number | null = null;
  private framesSeen = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private pingTimer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly options: LiveOptions) {}

  start(): void {
    if (typeof window !== "undefined") {
      window.addEventListener("online", () => this.networkChanged());
      window.addEventListener("offline", () => this.networkChanged());
    }
    void this.open();
  }

  stop(): void {
    this.generation++;
    this.clearTimers();
    this.socket?.close();
    this.socket = null;
  }

  /** Follows `topic` from now on, across every reconnection. */
  subscribe(topic: string, handler: TopicHandler): void {
    const subscription = { cursor: new Cursor(topic.startsWith("stats:")), handler };
    this.topics.set(topic, subscription);
    if (this.link.value === "live") this.sendSubscribe(topic, subscription);
  }

  /** Tells the server that this screen has shown, or sounded, a frame. */
  ack(topic: string, seq: number, what: "shown" | "heard"): void {
    this.send({ op: "ack", topic, seq, what });
  }

  private async open(): Promise<void> {
    const generation = ++this.generation;
    this.clearTimers();
    let token: string | null;
    try {
      token = await this.options.token(this.wantFreshToken);
    } catch {
      if (generation === this.generation) this.retryLater();
      return;
    }
    if (generation !== this.generation) return;
    if (token === null) {
      this.link.value = "unauthorized";
      return;
    }
    this.dial(generation, token);
  }

  private dial(generation: number, token: string): void {
    const path = `/api/v1/tenants/${encodeURIComponent(this.options.tenant)}/ws`;
    const socket = (this.options.connect ?? browserSocket)(path, PROTOCOL);
    const mine = () => generation === this.generation;
    this.socket = socket;
    socket.onopen = () => mine() && this.send({ op: "auth", token });
    socket.onmessage = ({ data }) => mine() && this.receive(data);
    socket.onclose = ({ code }) => mine() && this.closed(code);
    this.retryTimer = setTimeout(() => mine() && this.drop(), WELCOME_MS_MAX);
  }

  private receive(data: unknown): void {
    const frame = parseFrame(data);
    if (frame === null) return;
    this.framesSeen++;
    this.pingedAt = null;
    this.lastFrameAt.value = this.now();
    this.handle(frame);
  }

  private handle(frame: ServerFrame): void {
    switch (frame.op) {
      case "welcome":
        return this.welcomed(frame.heartbeat_seconds);
      case "snapshot": {
        const topic = this.topics.get(frame.topic);
        topic?.cursor.reset(frame.epoch, frame.seq);
        this.attempt.value = 0;
        return topic?.handler.snapshot(frame.data);
      }
      case "subscribed":
        this.attempt.value = 0;
        return this.topics.get(frame.topic)?.cursor.recovered(frame.epoch, frame.seq);
      case "event":
        return this.apply(frame);
      case "reauth":
        return void this.authenticateAgain();
      case "pong":
      case "result":
        return;
      default:
        frame satisfies never;
    }
  }

  private apply(frame: EventFrame): void {
    const topic = this.topics.get(frame.topic);
    if (topic === undefined) return;
    const verdict = topic.cursor.judge(frame.seq);
    if (verdict === "apply") return topic.handler.event(frame);
    if (verdict === "repeat") return;
    // Something is missing and will not come: start this topic again from a snapshot.
    topic.cursor.forget();
    this.drop();
  }

  private welcomed(heartbeatSeconds: number): void {
    this.clearTimers();
    this.wantFreshToken = false;
    this.link.value = "live";
    for (const [name, topic] of this.topics) this.sendSubscribe(name, topic);
    const seconds = Math.min(heartbeatSeconds, this.options.pingSecondsMax ?? heartbeatSeconds);
    this.pingTimer = setInterval(() => this.ping(), seconds * 1_000);
  }

  /** One unanswered ping is the proof of a dead line: TCP alone may hide it for minutes. */
  private ping(): void {
    if (this.pingedAt !== null) return this.drop();
    this.pingedAt = this.now();
    this.send({ op: "ping" });
  }

  private networkChanged(): void {
    if (this.link.value === "unauthorized") return;
    if (this.link.value !== "live") return void this.open();
    const seen = this.framesSeen;
    const generation = this.generation;
    this.send({ op: "ping" });
    setTimeout(() => {
      if (generation === this.generation && seen === this.framesSeen) this.drop();
    }, PROBE_MS);
  }

  private async authenticateAgain(): Promise<void> {
    const generation = this.generation;
    const token = await this.options.token(true).catch(() => null);
    if (generation === this.generation && token !== null) this.send({ op: "auth", token });
  }

  /** Gives the socket up without waiting for the other side to agree. */
  private drop(): void {
    const socket = this.socket;
    this.generation++;
    this.closed(1006);
    socket?.close();
  }

  private closed(code: number): void {
    this.socket = null;
    if (code === 4401) this.wantFreshToken = true;
    if (code === 4409) for (const topic of this.topics.values()) topic.cursor.forget();
    this.retryLater();
  }

  private retryLater(): void {
    this.clearTimers();
    this.link.value = "reconnecting";
    const pause = backoffMs(this.attempt.value++, this.options.random);
    this.retryTimer = setTimeout(() => void this.open(), pause);
  }

  private sendSubscribe(topic: string, subscription: Subscription): void {
    this.send({ op: "subscribe", topic, ...subscription.cursor.resume() });
  }

  private send(frame: object): void {
    try {
      this.socket?.send(JSON.stringify(frame));
    } catch {
      // A socket that is closing refuses; its close event follows.
    }
  }

  private clearTimers(): void {
    clearTimeout(this.retryTimer);
    clearInterval(this.pingTimer);
    this.pingedAt = null;
  }

  private now(): number {
    return (this.options.now ?? Date.now)();
  }
}

function browserSocket(path: string, protocol: string): SocketLike {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(`${scheme}//${location.host}${path}`, protocol) as unknown as SocketLike;
}
