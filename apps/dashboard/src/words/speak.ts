import { english, type Words } from "./english.ts";
import { portuguese } from "./portuguese.ts";
import { translateFault } from "./translate-fault.ts";

export const languages = { en: english, "pt-BR": portuguese } as const satisfies Record<string, Words>;
export type Language = keyof typeof languages;

/** The words of a language, and how it writes numbers and times. */
export type Speech = {
  readonly language: Language;
  /** How numbers and times are written: the reader's own region if it speaks this language. */
  readonly locale: string;
  readonly words: Words;
  /** A count, or an id: whole and exact. */
  readonly whole: (value: number) => string;
  readonly id: (value: number) => string;
  /** An amount, exactly as many decimals as it has: never by way of a double. */
  readonly money: (decimal: string) => string;
  readonly rate: (perSecond: number) => string;
  readonly span: (ms: number) => string;
  readonly moment: (instant: string) => string;
  readonly clock: (instant: string) => string;
  /** A time of this week, without its seconds. */
  readonly shortMoment: (atMs: number) => string;
  /** A day, as in `2026-11-24`. */
  readonly day: (day: string) => string;
  /** What is wrong with an order. */
  readonly fault: (detail: string) => string;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

export function speak(language: Language): Speech {
  const locale = regionOf(language);
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options);
  const [whole, exact] = [
    number({ maximumFractionDigits: 0 }),
    number({ minimumFractionDigits: 2, maximumFractionDigits: 4 }),
  ];
  const [few, some] = [number({ maximumSignificantDigits: 2 }), number({ maximumFractionDigits: 0 })];
  const unit = (name: string) =>
    number({ style: "unit", unit: name, unitDisplay: "short", maximumSignificantDigits: 3 });
  const units = { ms: unit("millisecond"), s: unit("second"), min: unit("minute"), h: unit("hour") };
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" });
  const short = new Intl.DateTimeFormat(locale, { weekday: "short", hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
  function spanOf(ms: number): string {
    if (ms < 1_000) return units.ms.format(ms);
    if (ms < 2 * MINUTE_MS) return units.s.format(ms / 1_000);
    return ms < 2 * HOUR_MS ? units.min.format(ms / MINUTE_MS) : units.h.format(ms / HOUR_MS);
  }
  return {
    language,
    locale,
    words: languages[language],
    whole: (value) => whole.format(value),
    id: String,
    money: (decimal) => (isNumeric(decimal) ? exact.format(decimal) : decimal),
    rate: (perSecond) => (perSecond < 10 ? few : some).format(perSecond),
    // A number stays on the line of its unit.
    span: (ms) => spanOf(ms).replaceAll(" ", "\u00a0"),
    moment: (instant) => moment.format(new Date(instant)),
    clock: (instant) => clock.format(new Date(instant)),
    shortMoment: (atMs) => short.format(atMs),
    fault: (detail) => translateFault(detail, languages[language].faults),
    day: (text) => day.format(new Date(`${text}T00:00Z`)),
  };
}

function regionOf(language: Language): string {
  return navigator.languages.find((tag) => tag.slice(0, 2) === language.slice(0, 2)) ?? language;
}

/** What Intl takes as an exact decimal. */
function isNumeric(text: string): text is `${number}` {
  return /^-?[0-9]+(\.[0-9]+)?$/.test(text);
}

const KEPT = "language";

/** → the language chosen here before, else the browser's first that is spoken here, else English. */
export function preferredLanguage(
  kept: string | null = localStorage.getItem(KEPT),
  wanted: readonly string[] = navigator.languages,
): Language {
  if (kept === "en" || kept === "pt-BR") return kept;
  for (const tag of wanted) {
    if (tag.startsWith("pt")) return "pt-BR";
    if (tag.startsWith("en")) return "en";
  }
  return "en";
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(KEPT, language);
}
