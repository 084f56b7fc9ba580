//! How an input is read: what the person said, and what was detected.
import type { Read } from './recipe.ts';
import type { Preview } from './shapes.ts';

export const delimiters = [',', ';', '\t', '|'] as const;

/** The encodings that are a click away, and those that are looked for in a list; all by the names of the WHATWG's standard. */
export const encodings = ['utf-8', 'gb18030', 'windows-1252'] as const;
export const rarer = ['big5', 'shift_jis', 'euc-jp', 'euc-kr', 'utf-16le', 'utf-16be', 'windows-1250', 'windows-1251', 'iso-8859-2', 'iso-8859-15', 'koi8-r'] as const;

/** All of `[read]`, as a recipe that is saved has it: what was said, and what was found. */
export function filled(stated: Readonly<Read>, { read }: Pick<Preview['input'], 'read'>): Read {
  return { ...read, ...stated };
}
