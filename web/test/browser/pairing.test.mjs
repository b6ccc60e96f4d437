// Pairing, in a real browser: a page nobody knows shows six digits, an administrator
// enters them, and the page is a kiosk; revoked, it shows six digits again.
//
// The demo's own session is hidden from the page, so that it behaves as in production.
// SMARTQUEUE_ADMIN_TOKEN is a token of the tenant's administrator.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, demo, launch, person } from "./support.mjs";

const token = process.env.SMARTQUEUE_ADMIN_TOKEN;
let browser;
let session;
let admin;

before(async () => {
  browser = await launch();
  session = await demo();
  admin = person(session, token);
});
after(() => browser.close());

/** A page on a device that was never here. */
async function stranger(path) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: "fr-FR" });
  await context.route("**/demo/session", (route) => route.fulfill({ status: 404, body: "" }));
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  await page.goto(BASE + path);
  return page;
}

async function codeOn(page) {
  const shown = page.locator(".pairing-code");
  await shown.filter({ hasText: /^\d{3} \d{3}$/ }).waitFor();
  return (await shown.innerText()).replace(" ", "");
}

const skip = token ? false : "SMARTQUEUE_ADMIN_TOKEN is not set";

test("a kiosk is paired by its six digits, works, and is out when it is revoked", { skip }, async () => {
  const kiosk = await stranger("/kiosk/?lang=fr");
  assert.equal(await kiosk.locator(".pairing h1").innerText(), "Associer cette borne");
  const code = await codeOn(kiosk);
  const name = `Borne ${code}`;
  const device = await admin.post("/devices/pair", { code, site_id: session.site.id, kind: "kiosk", name });
  await kiosk.locator("button.tile[data-queue]").first().waitFor({ timeout: 15_000 });
  await kiosk.reload();
  await kiosk.locator("button.tile[data-queue]").first().waitFor();
  const seen = await admin.get(`/devices/${device.id}`);
  assert.equal(seen.online, true);
  await admin.post(`/devices/${device.id}/revoke`);
  assert.match(await codeOn(kiosk), /^\d{6}$/);
  assert.deepEqual(kiosk.faults, []);
  await kiosk.context().close();
});

test("an unpaired display shows its code in Arabic, from left to right", { skip }, async () => {
  const display = await stranger("/display/?lang=ar");
  await codeOn(display);
  assert.equal(await display.locator("html").getAttribute("dir"), "rtl");
  assert.equal(await display.locator(".pairing-code").getAttribute("dir"), "ltr");
  const wider = await display.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wider, 0);
  assert.deepEqual(display.faults, []);
  await display.context().close();
});
