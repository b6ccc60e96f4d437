// The kiosk's promises: one ticket per touch session however it is tapped, a screen
// that clears itself, and an Arabic page that is really mirrored.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { demo, drain, launch, open, queues } from "./support.mjs";

let browser;
let session;

before(async () => {
  browser = await launch();
  session = await demo();
  await drain(session);
});
after(async () => {
  try {
    await drain(session);
  } finally {
    // A browser left open would keep the run from ending.
    await browser.close();
  }
});

const waiting = async () => (await queues(session)).reduce((sum, queue) => sum + queue.waiting, 0);

/** The first open tile that gives a ticket at once, without a question about priority. */
async function plainTile(kiosk) {
  const plain = (await queues(session)).find(
    (queue) => queue.state === "open" && !(queue.classes ?? []).some((one) => one.self_service && one.key !== "normal"),
  );
  return plain && kiosk.locator(`button.tile[data-queue="${plain.id}"]`);
}

test("a double tap gives one ticket", async (t) => {
  const kiosk = await open(browser, `/kiosk/?site=${session.site.slug}&lang=fr`);
  await kiosk.locator("button.tile[data-queue]").first().waitFor();
  const before = await waiting();
  const tile = await plainTile(kiosk);
  if (tile) {
    // Two real clicks, and three more in the same task, before anything is drawn.
    await tile.evaluate((button) => [1, 2, 3].forEach(() => button.click()));
    await kiosk.mouse.dblclick(640, 400);
  } else {
    t.diagnostic("every queue of the demo asks for a priority: the double tap falls on that question");
    await kiosk.locator("button.tile[data-queue]:not(:disabled)").first().dblclick();
    await new Promise((done) => setTimeout(done, 900));
    await kiosk.locator(".classes button").first().evaluate((button) => [1, 2, 3].forEach(() => button.click()));
  }
  await kiosk.locator(".ticket .number").waitFor();
  assert.match(await kiosk.locator(".ticket .number").innerText(), /^\S*\d{3,}$/);
  assert.equal(await waiting(), before + 1);
  assert.deepEqual(kiosk.faults, []);
  await kiosk.context().close();
});

test("the number clears by itself and the language goes back", async () => {
  const kiosk = await open(browser, `/kiosk/?site=${session.site.slug}&lang=fr`);
  await kiosk.locator(".languages [lang=en]").click();
  await kiosk.locator("button.tile[data-queue]:not(:disabled)").first().click();
  const number = kiosk.locator(".ticket .number");
  const normal = kiosk.locator(".classes button").first();
  await number.or(normal).first().waitFor();
  while (!(await number.isVisible())) {
    if (await normal.isVisible()) await normal.click({ timeout: 1_000 }).catch(() => undefined);
    await new Promise((done) => setTimeout(done, 200));
  }
  assert.equal(await kiosk.locator("html").getAttribute("lang"), "en");
  await kiosk.locator("button.tile[data-queue]").first().waitFor({ timeout: 15_000 });
  assert.equal(await kiosk.locator("html").getAttribute("lang"), "fr");
  await kiosk.context().close();
});

test("Arabic is mirrored on every surface, without a sideways scroll", async () => {
  const [agent] = session.tokens.agents;
  const slug = session.site.slug;
  const paths = ["/?lang=ar", `/kiosk/?site=${slug}&lang=ar`, `/display/?site=${slug}&lang=ar`, `/agent/?as=${agent.id}&lang=ar`];
  for (const path of paths) {
    const page = await open(browser, path);
    await page.locator("header").first().waitFor();
    assert.equal(await page.locator("html").getAttribute("dir"), "rtl", path);
    const box = await page.locator("header > *").first().boundingBox();
    assert.ok(box.x + box.width > 1280 / 2, `${path}: the first thing of the head stands on the far side`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.equal(wider, 0, `${path}: scrolls sideways`);
    assert.deepEqual(page.faults, [], path);
    await page.context().close();
  }
});
