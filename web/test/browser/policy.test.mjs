// Every page in a real browser: its policy holds it and takes nothing away that it needs, nothing is written
// to the console as an error, and nobody scrolls sideways on a small phone, in three languages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { BASE, demo, drain, launch, open, person, queues } from "./support.mjs";

const PHONE = { width: 360, height: 740 };
let browser;
let session;
let ticket;

before(async () => {
  browser = await launch();
  session = await demo();
  await drain(session);
  const [queue] = (await queues(session)).filter((one) => one.state === "open");
  ticket = await person(session, session.tokens.kiosk).post("/tickets", { queue_id: queue.id, channel: "kiosk" });
});
after(async () => {
  try {
    await drain(session);
  } finally {
    await browser.close();
  }
});

/** Path, and the status it is answered with. */
const surfaces = () => [
  ["/", 200],
  [`/kiosk/?site=${session.site.slug}`, 200],
  [`/display/?site=${session.site.slug}`, 200],
  [`/agent/?as=${session.tokens.agents[0].id}`, 200],
];
const served = () => [
  ["/signin", 200],
  ["/reset", 200],
  ["/signout", 200],
  ["/setup/x", 200],
  ["/invite/x", 200],
  ["/reset/x", 200],
  [ticket.tracking.path, 200],
];
const inLanguage = (path, lang) => `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;

const looked = (path) => open(browser, path, { viewport: PHONE });

/** What of the policy would let a stranger's script, frame or form in. */
function holes(policy) {
  const rules = new Map(policy.split(";").map((rule) => rule.trim().split(/\s+/)).map(([name, ...values]) => [name, values]));
  const scripts = rules.get("script-src") ?? rules.get("default-src") ?? ["*"];
  const found = scripts.filter((one) => /unsafe|\*|^https?:$|^data:|^blob:/.test(one)).map((one) => `scripts from ${one}`);
  if (rules.get("frame-ancestors")?.join() !== "'none'") found.push("may be framed");
  if (!rules.has("form-action")) found.push("forms go anywhere");
  if (rules.get("base-uri")?.join() !== "'none'") found.push("the base may be moved");
  return found;
}

/** Puts a script into the page, as a hole in it would; whether it ran, and whether the policy said so. */
const injected = (page) =>
  page.evaluate(async () => {
    const told = new Promise((done) => {
      document.addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
      setTimeout(() => done(null), 2_000);
    });
    const script = document.createElement("script");
    script.textContent = "globalThis.ran = true";
    document.body.append(script);
    return { ran: globalThis.ran === true, told: await told };
  });

for (const lang of ["fr", "en", "ar"]) {
  test(`every page keeps to its policy and to 360 px, in ${lang}`, async () => {
    for (const [path, status] of [...surfaces(), ...served()]) {
      const page = await looked(inLanguage(path, lang));
      assert.equal(page.answer.status(), status, path);
      await page.locator("h1, header, main").first().waitFor();
      const html = page.locator("html");
      assert.equal(await html.getAttribute("dir"), lang === "ar" ? "rtl" : "ltr", path);
      assert.equal(await html.getAttribute("lang"), lang, path);
      const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(beyond <= 0, `${path} is ${beyond} px too wide`);
      assert.deepEqual(page.errors, [], path);
      assert.deepEqual(page.faults, [], path);
      await page.context().close();
    }
  });
}

test("no page lets a script in that somebody put there", async () => {
  for (const [path] of [...surfaces(), ...served()]) {
    const page = await looked(path);
    assert.deepEqual(holes(page.answer.headers()["content-security-policy"] ?? ""), [], path);
    assert.equal(page.answer.headers()["x-content-type-options"], "nosniff", path);
    assert.deepEqual(await injected(page), { ran: false, told: "script-src-elem" }, path);
    await page.context().close();
  }
});

test("the look is not blind: a page without a policy runs what is put there", async () => {
  const page = await open(browser, "/healthz");
  await page.setContent("<h1>no policy</h1>");
  await page.route("**/bare", (route) => route.fulfill({ contentType: "text/html", body: "<h1>bare</h1>" }));
  await page.goto(new URL("/bare", page.url()).href);
  assert.equal((await injected(page)).ran, true);
  assert.deepEqual(holes("default-src *"), [
    "scripts from *", "may be framed", "forms go anywhere", "the base may be moved",
  ]);
  await page.context().close();
});

test("no page is shown in a frame of somebody else's", async () => {
  for (const [path] of [...surfaces(), ...served()]) {
    const page = await open(browser, "/healthz");
    await page.route("https://evil.example/", (route) =>
      route.fulfill({ contentType: "text/html", body: `<iframe src="${BASE + path}"></iframe>` }),
    );
    await page.goto("https://evil.example/");
    await page.waitForLoadState("load");
    const frame = page.frames().find((one) => one !== page.mainFrame());
    const shown = await frame.evaluate(() => document.querySelector("main, header") !== null).catch(() => false);
    assert.equal(shown, false, path);
    await page.context().close();
  }
});
