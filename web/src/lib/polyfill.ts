// The two globals Chromium 67 lacks and our bundle uses. Every page imports this
// file first; newer engines are left alone.
const scope = self as unknown as Record<string, unknown>;

if (typeof scope["globalThis"] === "undefined") scope["globalThis"] = self;
if (typeof scope["queueMicrotask"] === "undefined") {
  scope["queueMicrotask"] = (task: () => void) => void Promise.resolve().then(task);
}

export {};
