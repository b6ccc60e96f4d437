// How the pages are built: one entry per surface, everything under /assets with a
// hash in its name, and no inline script or style, so that the strict policy the
// binary sends (default-src 'self') holds.
import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

const page = (path: string) => resolve(import.meta.dirname, path);
const server = process.env["SMARTQUEUE_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  build: {
    outDir: "dist",
    // Wall screens and kiosks run engines as old as Chromium 67.
    target: "chrome67",
    // The style sheets are written for that engine by hand; lowering logical
    // properties by machine would turn them into physical ones.
    cssTarget: "chrome87",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: "manifest.json",
    rolldownOptions: {
      input: {
        index: page("index.html"),
        kiosk: page("kiosk/index.html"),
        display: page("display/index.html"),
        agent: page("agent/index.html"),
      },
    },
  },
  // `npm run dev` beside a running `smartqueue demo`.
  server: { proxy: { "/api": { target: server, ws: true }, "/demo": server } },
  test: { include: ["test/unit/**/*.test.ts"], environment: "node" },
});
