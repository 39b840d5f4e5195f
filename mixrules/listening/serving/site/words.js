// The page's words: those of the test's language, those that the test changes, English for what is left.

import { WORDS } from "./words_data.js";

let words = WORDS.en;
let language = "en";

export function setWords(test) {
  language = test.language || "en";
  words = { ...WORDS.en, ...(WORDS[language] || {}), ...(test.words || {}) };
  document.documentElement.lang = language;
}

// The words of a key with {name} replaced.
export function t(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));
}

// The same for a number of things: key.one, key.other.
export function counted(key, count, values = {}) {
  const form = plural(count) === "one" ? "one" : "other";
  return t(`${key}.${form}`, { count, ...values });
}

function plural(count) {
  try { return new Intl.PluralRules(language).select(count); } catch { return count === 1 ? "one" : "other"; }
}

// "A, B and C", as the language has it.
export function listed(items) {
  try {
    // Of British English, so that no comma stands before "and".
    return new Intl.ListFormat(language === "en" ? "en-GB" : language, { type: "conjunction" }).format(items);
  } catch { return items.join(", "); }
}
