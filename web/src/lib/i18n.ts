// Three languages, typed: a catalogue that lacks a word in one of them does not
// compile. Plurals follow the language's own rules, and inside Arabic a value is
// isolated so that a code or a name keeps its own direction.
import { effect, signal } from "@preact/signals";
import type { Names } from "./types";

export const LANGUAGES = ["fr", "en", "ar"] as const;
export type Lang = (typeof LANGUAGES)[number];
export const LANGUAGE_NAMES: Record<Lang, string> = { fr: "Français", en: "English", ar: "العربية" };

type PluralForm = "zero" | "one" | "two" | "few" | "many";
export type Message = string | ({ other: string } & Partial<Record<PluralForm, string>>);
/** `n` chooses the plural form. */
export type Params = Readonly<Record<string, string | number>>;

/** The page's language now. */
export const language = signal<Lang>("fr");

export function isLang(value: string | null | undefined): value is Lang {
  return (LANGUAGES as readonly string[]).includes(value ?? "");
}

export interface Catalogue<K extends string> {
  all: Record<Lang, Record<K, Message>>;
  /** The words for `key`, in the page's language unless another is named. */
  t(key: K, params?: Params, lang?: Lang): string;
}

export function catalogue<K extends string>(all: Record<Lang, Record<K, Message>>): Catalogue<K> {
  return {
    all,
    t: (key, params = {}, lang = language.value) => fill(choose(all[lang][key], params, lang), params, lang),
  };
}

function choose(message: Message, params: Params, lang: Lang): string {
  if (typeof message === "string") return message;
  const form = new Intl.PluralRules(lang).select(Number(params["n"] ?? 0));
  return (form === "other" ? undefined : message[form]) ?? message.other;
}

function fill(text: string, params: Params, lang: Lang): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return lang === "ar" ? `\u2068${value}\u2069` : String(value);
  });
}

/** The best of a set of names: the page's language, then French, then any. */
export function nameIn(names: Names | undefined, fallback: string, lang: Lang = language.value): string {
  if (names === undefined) return fallback;
  return names[lang] ?? names["fr"] ?? Object.values(names)[0] ?? fallback;
}

/** Takes the language from `?lang=`, then `preferred`, and keeps `lang` and `dir` of the document true. */
export function startLanguage(preferred?: string | null): Lang {
  const asked = new URLSearchParams(location.search).get("lang");
  language.value = isLang(asked) ? asked : isLang(preferred) ? preferred : "fr";
  effect(() => {
    document.documentElement.lang = language.value;
    document.documentElement.dir = language.value === "ar" ? "rtl" : "ltr";
  });
  return language.value;
}
