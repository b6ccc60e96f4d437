// What each page weighs on the wire, from the build's own manifest: all scripts a
// page loads, gzipped. Fails above the budget.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const BUDGET_BYTES = 25 * 1024;
const dist = join(import.meta.dirname, "../dist");
const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));

function collect(key, scripts, styles) {
  const chunk = manifest[key];
  if (scripts.has(chunk.file)) return;
  scripts.add(chunk.file);
  for (const file of chunk.css ?? []) styles.add(file);
  for (const next of chunk.imports ?? []) collect(next, scripts, styles);
}

const weigh = (paths) => [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(join(dist, path))).length, 0);
const kb = (bytes) => `${(bytes / 1024).toFixed(1)} kB`.padStart(8);
let over = false;

for (const key of Object.keys(manifest).filter((name) => manifest[name].isEntry)) {
  const scripts = new Set();
  const styles = new Set();
  collect(key, scripts, styles);
  const weight = weigh(scripts);
  over ||= weight > BUDGET_BYTES;
  console.log(`${key.padEnd(20)} js ${kb(weight)} of ${kb(BUDGET_BYTES)}   css ${kb(weigh(styles))}${weight > BUDGET_BYTES ? "   TOO HEAVY" : ""}`);
}
if (over) process.exit(1);
