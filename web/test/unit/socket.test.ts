import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventFrame } from "../../src/lib/frames";
import type { SocketLike } from "../../src/lib/socket";
import { Live } from "../../src/lib/socket";

/** The server's end of one connection, played by the test. */
class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((closed: { code: number }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.onopen?.();
    this.say({ op: "welcome", session: "s", heartbeat_seconds: 20, server_time: "" });
  }
  snapshot(seq: number, epoch = 7): void {
    this.say({ op: "snapshot", topic: "site:1", epoch, seq, reset: false, data: { seq } });
  }
  event(seq: number): void {
    this.say({ op: "event", topic: "site:1", seq, type: "ticket.called", at: "", data: {} });
  }
  subscriptions() {
    return this.sent.filter((frame) => frame["op"] === "subscribe");
  }
}

const sockets: FakeSocket[] = [];
const seen: (number | string)[] = [];
const tokens: boolean[] = [];

function open(token: string | null = "secret") {
  const live = new Live({
    tenant: "demo",
    token: (fresh) => {
      tokens.push(fresh);
      return Promise.resolve(token);
    },
    pingSecondsMax: 3,
    random: () => 1,
    connect: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
  });
  live.subscribe("site:1", {
    snapshot: (data) => seen.push(`snapshot ${(data as { seq: number }).seq}`),
    event: (frame: EventFrame) => seen.push(frame.seq),
  });
  live.start();
  return live;
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const latest = () => sockets[sockets.length - 1] as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  sockets.length = seen.length = tokens.length = 0;
});
afterEach(() => vi.useRealTimers());

describe("the live connection", () => {
  it("sends its token in the first frame and nothing in the address", async () => {
    open();
    await settle();
    latest().welcome();
    expect(latest().sent[0]).toEqual({ op: "auth", token: "secret" });
    expect(latest().sent[1]).toEqual({ op: "subscribe", topic: "site:1" });
  });

  it("resumes at the last frame it applied", async () => {
    const live = open();
    await settle();
    latest().welcome();
    latest().snapshot(40);
    latest().event(41);
    latest().onclose?.({ code: 1006 });
    expect(live.link.value).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(400);
    latest().welcome();
    expect(latest().subscriptions()).toEqual([{ op: "subscribe", topic: "site:1", epoch: 7, seq: 41 }]);
    latest().say({ op: "subscribed", topic: "site:1", epoch: 7, seq: 41, recovered: true });
    latest().event(42);
    expect(seen).toEqual(["snapshot 40", 41, 42]);
  });

  it("applies a frame once, even when it is sent twice", async () => {
    open();
    await settle();
    latest().welcome();
    latest().snapshot(40);
    for (const seq of [41, 41, 40, 42]) latest().event(seq);
    expect(seen).toEqual(["snapshot 40", 41, 42]);
  });

  it("starts a topic again from a snapshot when a frame is missing", async () => {
    open();
    await settle();
    latest().welcome();
    latest().snapshot(40);
    latest().event(43);
    expect(latest().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(15_000);
    latest().welcome();
    expect(latest().subscriptions()).toEqual([{ op: "subscribe", topic: "site:1" }]);
    latest().snapshot(43);
    expect(seen).toEqual(["snapshot 40", "snapshot 43"]);
  });

  it("forgets its place when the server says that the epoch changed", async () => {
    open();
    await settle();
    latest().welcome();
    latest().snapshot(40);
    latest().onclose?.({ code: 4409 });
    await vi.advanceTimersByTimeAsync(15_000);
    latest().welcome();
    expect(latest().subscriptions()).toEqual([{ op: "subscribe", topic: "site:1" }]);
  });

  it("asks for a fresh token after the old one was refused", async () => {
    open();
    await settle();
    latest().onopen?.();
    latest().onclose?.({ code: 4401 });
    await vi.advanceTimersByTimeAsync(400);
    expect(tokens).toEqual([false, true]);
  });

  it("stops and says so when there is no token to be had", async () => {
    const live = open(null);
    await settle();
    expect(live.link.value).toBe("unauthorized");
    expect(sockets).toHaveLength(0);
  });

  it("authenticates again on the same socket when asked to", async () => {
    open();
    await settle();
    latest().welcome();
    latest().say({ op: "reauth", in_seconds: 60 });
    await settle();
    expect(latest().sent.filter((frame) => frame["op"] === "auth")).toHaveLength(2);
  });

  it("gives up a line on which a ping stays unanswered", async () => {
    const live = open();
    await settle();
    latest().welcome();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(latest().sent.some((frame) => frame["op"] === "ping")).toBe(true);
    latest().say({ op: "pong" });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(live.link.value).toBe("live");
    await vi.advanceTimersByTimeAsync(3_000);
    expect(live.link.value).toBe("reconnecting");
    expect(sockets[0]?.closed).toBe(true);
  });

  it("never stops trying, and fifteen seconds never pass without an attempt", async () => {
    open();
    await settle();
    for (let round = 0; round < 30; round++) {
      const before = sockets.length;
      latest().onclose?.({ code: 1006 });
      await vi.advanceTimersByTimeAsync(15_000);
      expect(sockets.length).toBeGreaterThan(before);
    }
  });

  it("ignores what an abandoned socket still says", async () => {
    open();
    await settle();
    latest().welcome();
    latest().snapshot(40);
    const old = latest();
    old.onclose?.({ code: 1012 });
    await vi.advanceTimersByTimeAsync(400);
    old.event(41);
    expect(seen).toEqual(["snapshot 40"]);
  });

  it("ignores frames it cannot read", async () => {
    const live = open();
    await settle();
    latest().welcome();
    latest().onmessage?.({ data: "{broken" });
    latest().say({ op: "invented_later" });
    expect(live.link.value).toBe("live");
  });
});
