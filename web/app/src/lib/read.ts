//! How an input is read: what the person said, and what was detected.
import type { Read } from './recipe.ts';
import type { Preview } from './shapes.ts';

export const delimiters = [',', ';', '\t', '|'] as const;

/** The encodings that the core reads. */
export const encodings = ['utf-8'] as const;

/** All of `[read]`, as a recipe that is saved has it: what was said, and what was found. */
export function filled(stated: Readonly<Read>, { read }: Pick<Preview['input'], 'read'>): Read {
  const { encoding, ...found } = read;
  // An encoding that a recipe cannot state yet is left to be found again.
  const known = (encodings as readonly string[]).includes(encoding) ? { encoding } : {};
  return { ...known, ...found, ...stated };
}
