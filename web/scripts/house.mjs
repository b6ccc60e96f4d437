// The rules of the pages that a machine can check: short files, a head comment, style
// sheets that mirror and that old engines understand, and no strange hosts.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";

const root = join(import.meta.dirname, "..");
const LINES_MAX = 300;
const SKIPPED = ["node_modules", "dist", "package-lock.json"];
const faults = [];

function* files(folder) {
  for (const name of readdirSync(folder)) {
    if (SKIPPED.includes(name) || name.startsWith(".")) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

// In every style sheet: nothing that would not mirror in Arabic.
const PHYSICAL = /(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)|left|right)\s*:|(?:text-align|float)\s*:\s*(?:left|right)/;
// On the wall and the kiosk, and in what they share: nothing newer than Chromium 67.
const TOO_NEW = /(?<![\w-])(?:clamp|min|max)\(|aspect-ratio|:focus-visible|:is\(|:where\(|(?:margin|padding)-(?:inline|block)\s*:|(?:^|\s)inset(?:-inline|-block)?\s*:|\ddvh|color-mix|@layer|@container/;
const FLEX_GAP = /\{[^}]*display:\s*flex[^}]*\bgap\s*:[^}]*\}/;
const STRANGE_HOST = /https?:\/\/(?!127\.0\.0\.1|www\.w3\.org\/2000\/svg)/;

function check(path) {
  const text = readFileSync(path, "utf8");
  const name = relative(root, path);
  const fault = (what) => faults.push(`${name}: ${what}`);
  if (text.split("\n").length > LINES_MAX + 1) fault(`more than ${LINES_MAX} lines`);
  if (/\.(ts|tsx|mjs)$/.test(name) && !name.startsWith("test/unit") && !text.startsWith("//")) fault("no head comment");
  if (name.startsWith("src/") && STRANGE_HOST.test(text)) fault("names a host that is not ours");
  if (name.endsWith(".html") && /<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=/.test(text)) fault("inline script or style");
  if (!name.endsWith(".css")) return;
  const css = text.replace(/\/\*[\s\S]*?\*\//g, "");
  if (PHYSICAL.test(css)) fault("physical left or right");
  if (/(kiosk|display|base)\.css$/.test(name) && TOO_NEW.test(css)) fault(`too new for old engines: ${TOO_NEW.exec(css)?.[0].trim()}`);
  if (/(kiosk|display|base)\.css$/.test(name) && FLEX_GAP.test(css)) fault("gap in a flex box");
}

for (const path of files(root)) check(path);
for (const line of faults) console.error(line);
if (faults.length > 0) process.exit(1);
console.log("house rules hold");
