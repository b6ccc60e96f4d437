// The languages as words, one tap each. No flags: a language is not a country.
import type { Lang } from "../lib/i18n";
import { LANGUAGES, LANGUAGE_NAMES, language } from "../lib/i18n";
import { words } from "./words";

export function Languages({ onChoose }: { onChoose?: (lang: Lang) => void }) {
  const choose = (lang: Lang) => {
    language.value = lang;
    onChoose?.(lang);
  };
  return (
    <nav class="languages" aria-label={words.t("language")}>
      {LANGUAGES.map((lang) => (
        <button key={lang} type="button" lang={lang} aria-pressed={language.value === lang} onClick={() => choose(lang)}>
          {LANGUAGE_NAMES[lang]}
        </button>
      ))}
    </nav>
  );
}
