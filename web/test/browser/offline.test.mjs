// A display that loses its network says so, comes back by itself, and shows the call
// it missed. The line is a real TCP line that is really cut.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { agentFor, cuttableLine, demo, drain, launch, open, person, queues } from "./support.mjs";

let browser;
let session;
let line;

before(async () => {
  browser = await launch();
  session = await demo();
  await drain(session);
  line = await cuttableLine();
});
after(async () => {
  line.close();
  try {
    await drain(session);
  } finally {
    // A browser left open would keep the run from ending.
    await browser.close();
  }
});

test("a display reconnects after a cut and shows the call it missed", async () => {
  const display = await open(browser, `/display/?site=${session.site.slug}&lang=fr`, {
    base: line.base,
    viewport: { width: 1920, height: 1080 },
  });
  const wall = display.locator(".wall");
  await display.locator(".wall[data-link=live]").waitFor();

  line.cut();
  await display.locator(".wall[data-link=reconnecting]").waitFor();
  await display.locator(".wall[data-freshness=stale]").waitFor({ timeout: 15_000 });
  assert.match(await display.locator(".strips [role=alert]").innerText(), /Données de \d\d:\d\d:\d\d/);

  const queue = (await queues(session)).find((one) => one.state === "open");
  const agent = person(session, (await agentFor(session, queue.id)).token);
  await agent.post("/agents/me/sign-in");
  const issued = await person(session, session.tokens.kiosk).post("/tickets", { queue_id: queue.id, channel: "kiosk" });
  const called = await agent.post("/agents/me/call-next");
  assert.equal(called.number, issued.number);

  const mendedAt = Date.now();
  line.mend();
  await display.locator(`.call[data-number="${issued.number}"]`).waitFor({ timeout: 30_000 });
  console.log(`line mended → missed call on the wall: ${Date.now() - mendedAt} ms`);
  assert.equal(await wall.getAttribute("data-freshness"), "fresh");
  assert.equal(await display.locator(`.call[data-number="${issued.number}"]`).count(), 1);
  assert.deepEqual(display.faults, []);
  await display.context().close();
});
