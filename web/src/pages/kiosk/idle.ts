// Notices that nobody is there: after 30 s without a touch a 20 s countdown, which
// any touch ends as often as one likes, and then the kiosk goes home.
import { signal } from "@preact/signals";

const QUIET_MS = 30_000;
const COUNTDOWN_S = 20;

/** Seconds left of the countdown; null while somebody is there. */
export const idleSeconds = signal<number | null>(null);

/** Watches for touches; `busy` says whether there is anything to go home from. */
export function watchIdle(busy: () => boolean, goHome: () => void): void {
  let lastTouch = Date.now();
  const touched = () => {
    lastTouch = Date.now();
    idleSeconds.value = null;
  };
  for (const kind of ["pointerdown", "keydown", "touchstart"]) addEventListener(kind, touched, true);
  setInterval(() => {
    const quiet = Date.now() - lastTouch - QUIET_MS;
    if (!busy()) lastTouch = Date.now();
    idleSeconds.value = busy() && quiet >= 0 ? COUNTDOWN_S - Math.floor(quiet / 1_000) : null;
    if (idleSeconds.value === null || idleSeconds.value > 0) return;
    touched();
    goHome();
  }, 1_000);
}
