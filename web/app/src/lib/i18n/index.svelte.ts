//! The language of the page, and numbers, sizes and dates in it.
import { kept, keep } from '../kept.ts';
import { en, type Words } from './en.ts';
import { zh } from './zh.ts';
import { formats, type Formats } from './formats.ts';

export const languages = { en, zh } as const satisfies Record<string, Words>;
export type Language = keyof typeof languages;

const tags: Record<Language, string> = { en: 'en', zh: 'zh-Hans' };

function first(): Language {
  const chosen = kept('language');
  if (chosen === 'en' || chosen === 'zh') return chosen;
  const spoken = navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag)) ?? 'en';
  return /^zh/i.test(spoken) ? 'zh' : 'en';
}

class Speech {
  language: Language = $state(first());
  readonly t: Words = $derived(languages[this.language]);
  readonly f: Formats = $derived(formats(tags[this.language]));
  readonly tag: string = $derived(tags[this.language]);

  speak(language: Language): void {
    this.language = language;
    keep('language', language);
  }
}

export const speech = new Speech();
