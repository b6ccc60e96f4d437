// Times for people: clocks in the site's zone, waits as ranges of whole minutes.
//
// Digits are always 0-9, also in Arabic, because the numbers on paper are. A range
// is rounded outward only: it may say too much, never too little.
import { signal } from "@preact/signals";
import type { Lang } from "./i18n";
import type { Estimate } from "./types";

/** Milliseconds since the epoch, moved once a second by `startSeconds`. */
export const now = signal(0);

export function startSeconds(): void {
  const tick = () => (now.value = Date.now());
  tick();
  setInterval(tick, 1_000);
}

function locale(lang: Lang): string {
  return `${lang}-u-nu-latn`;
}

/** "14:02" in `zone`; with seconds for the time of stale data. An unknown zone falls back to the device's. */
export function clockText(ms: number, zone: string | undefined, lang: Lang, withSeconds = false): string {
  const parts: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  if (withSeconds) parts.second = "2-digit";
  return formatIn(zone, (timeZone) => new Intl.DateTimeFormat(locale(lang), { ...parts, ...timeZone }).format(ms));
}

/** "lundi 23 novembre" in `zone`. */
export function dateText(ms: number, zone: string | undefined, lang: Lang): string {
  const parts: Intl.DateTimeFormatOptions = { weekday: "long", day: "numeric", month: "long" };
  return formatIn(zone, (timeZone) => new Intl.DateTimeFormat(locale(lang), { ...parts, ...timeZone }).format(ms));
}

function formatIn(zone: string | undefined, format: (zone: { timeZone?: string }) => string): string {
  if (zone === undefined || zone === "") return format({});
  try {
    return format({ timeZone: zone });
  } catch {
    return format({});
  }
}

/** "0:18", "12:05", "1:02:03". Negative spans count as zero. */
export function spanText(ms: number): string {
  const total = Math.max(0, Math.floor(ms / 1_000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3_600);
  const minutes = Math.floor(total / 60) % 60;
  const start = hours > 0 ? `${hours}:${two(minutes)}` : String(minutes);
  return `${start}:${two(total % 60)}`;
}

export interface MinutesRange {
  from: number;
  to: number;
}

/** The range that the server shows, in minutes; of an older server p10 to p90, rounded outward: to 1 min below 10 min, to 5 min above. */
export function minutesRange(estimate: Estimate): MinutesRange {
  const { shown } = estimate;
  if (shown !== undefined) return { from: Math.floor(shown.from_seconds / 60), to: Math.max(1, Math.ceil(shown.to_seconds / 60)) };
  const low = Math.max(0, estimate.p10_seconds) / 60;
  const high = Math.max(low, estimate.p90_seconds / 60);
  const step = (minutes: number) => (minutes < 10 ? 1 : 5);
  const from = Math.floor(low / step(low)) * step(low);
  const to = Math.ceil(high / step(high)) * step(high);
  return { from, to: Math.max(1, to) };
}

/** Whole minutes, rounded down, since an RFC 3339 time. */
export function minutesSince(at: string | null | undefined, ms: number): number {
  const since = at ? Date.parse(at) : Number.NaN;
  return Number.isNaN(since) ? 0 : Math.max(0, Math.floor((ms - since) / 60_000));
}
