// A counter's name in the languages of the wall. Sites write "3" or "Guichet 3"; the
// word for a counter is dropped and said again in each language, any other name
// ("Caisse rapide", "Salle B") is shown as it was written, once.
import type { Lang } from "../../lib/i18n";
import { words } from "./words";

const COUNTER_WORD = /^(?:guichet|comptoir|counter|desk|شباك)\s+(.+)$/i;
/** A bare name this short is a number or a letter, not a phrase. */
const BARE_MAX = 3;

/** One line per language, the first language first; never empty. */
export function counterLines(name: string | null, languages: readonly Lang[]): { lang: Lang; text: string }[] {
  const langs = languages.length === 0 ? (["fr"] as const) : languages;
  if (name === null || name.trim() === "") return langs.map((lang) => ({ lang, text: words.t("counter_unknown", {}, lang) }));
  const short = COUNTER_WORD.exec(name.trim())?.[1] ?? (name.trim().length <= BARE_MAX ? name.trim() : null);
  if (short === null) return [{ lang: langs[0] ?? "fr", text: name.trim() }];
  return langs.map((lang) => ({ lang, text: words.t("counter", { name: short }, lang) }));
}

/** What a history row has room for: "3" rather than "Guichet 3". */
export function counterShort(name: string | null): string {
  if (name === null) return "";
  return COUNTER_WORD.exec(name.trim())?.[1] ?? name.trim();
}
