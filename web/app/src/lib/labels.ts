//! What the page calls the parts of a step: by its dictionary, else by the core's own words.
import type { Words } from './i18n/en.ts';
import { kernelOf, type Option } from './kernels.ts';
import { isWord } from './recipe.ts';

const readable = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1).replaceAll('_', ' ');

const sentence = (text: string): string => (text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?。]$/.test(text) ? '' : '.'}`);

export function wordName(word: string, t: Words): string {
  return isWord(word) ? t.steps.words[word] : (t.kernels.words[word] ?? readable(word));
}

export function wordHelp(word: string, t: Words): string {
  return isWord(word) ? t.steps.helps[word] : (t.kernels.helps[word] ?? sentence(kernelOf(word)?.help ?? ''));
}

/** An option's label, and what there is to add to it. */
export function optionLabel(word: string, { name, help }: Pick<Option, 'name' | 'help'>, t: Words): { label: string; help: string } {
  const known = t.kernels.options[`${word}.${name}`] ?? t.kernels.options[name];
  return known === undefined ? { label: readable(name), help: sentence(help) } : { label: known, help: t.kernels.schemaHelps ? sentence(help) : '' };
}

/** A word that is to be chosen. */
export const choiceLabel = (word: string, choice: string, t: Words): string => t.kernels.choices[`${word}.${choice}`] ?? t.kernels.choices[choice] ?? readable(choice);
