import { describe, expect, it } from "vitest";
import type { Catalogue, Lang, Message } from "../../src/lib/i18n";
import { catalogue, LANGUAGES, nameIn } from "../../src/lib/i18n";
import { words as agent } from "../../src/pages/agent/words";
import { words as display } from "../../src/pages/display/words";
import { words as index } from "../../src/pages/index/words";
import { words as kiosk } from "../../src/pages/kiosk/words";
import { words as shared } from "../../src/ui/words";

const all: Record<string, Catalogue<string>> = { agent, display, index, kiosk, shared } as Record<string, Catalogue<string>>;

function forms(message: Message): string[] {
  return typeof message === "string" ? [message] : Object.values(message);
}

function holes(message: Message): string[] {
  const names = forms(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string));
  return [...new Set(names)].sort();
}

describe.each(Object.entries(all))("the words of %s", (_page, words) => {
  it.each(LANGUAGES)("are all there in %s, none empty", (lang) => {
    expect(Object.keys(words.all[lang]).sort()).toEqual(Object.keys(words.all.fr).sort());
    for (const message of Object.values(words.all[lang])) for (const text of forms(message)) expect(text.trim()).not.toBe("");
  });

  it("have the same places for values in every language", () => {
    for (const key of Object.keys(words.all.fr)) {
      for (const lang of LANGUAGES) expect([key, lang, holes(words.all[lang][key] as Message)]).toEqual([key, lang, holes(words.all.fr[key] as Message)]);
    }
  });

  it("leave no place unfilled once a value is given", () => {
    const values = { n: 5, from: 1, to: 2, number: "A042", service: "x", range: "y", at: "z", name: "3", seed: 1, speed: 2, action: "a", detail: "d" };
    for (const key of Object.keys(words.all.fr)) for (const lang of LANGUAGES) expect(words.t(key, values, lang)).not.toMatch(/[{}]/);
  });
});

const people = catalogue({
  fr: { people: { one: "{n} personne", other: "{n} personnes" } },
  en: { people: { one: "{n} person", other: "{n} people" } },
  ar: { people: { one: "شخص واحد", two: "شخصان", few: "{n} أشخاص", many: "{n} شخصًا", other: "{n} شخص" } },
});

it.each<[Lang, number, string]>([
  ["fr", 0, "0 personne"],
  ["fr", 2, "2 personnes"],
  ["en", 1, "1 person"],
  ["en", 0, "0 people"],
  ["ar", 2, "شخصان"],
  ["ar", 3, "\u20683\u2069 أشخاص"],
  ["ar", 11, "\u206811\u2069 شخصًا"],
])("counts people in %s: %i", (lang, n, text) => {
  expect(people.t("people", { n }, lang)).toBe(text);
});

it("falls back to French, then to any name, then to the given one", () => {
  expect(nameIn({ fr: "Caisse", en: "Cash" }, "x", "en")).toBe("Cash");
  expect(nameIn({ fr: "Caisse" }, "x", "ar")).toBe("Caisse");
  expect(nameIn({ wo: "Kees" }, "x", "ar")).toBe("Kees");
  expect(nameIn(undefined, "Queue A", "ar")).toBe("Queue A");
});
