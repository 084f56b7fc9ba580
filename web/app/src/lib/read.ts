//! How an input is read: what the person said, and what was detected.
import type { Read } from './recipe.ts';
import type { Preview } from './shapes.ts';

export const delimiters = [',', ';', '\t', '|'] as const;

/** The encodings that the core reads. */
export const encodings = ['utf-8'] as const;

/** All of `[read]`, as a recipe that is saved has it. */
export function filled(stated: Readonly<Read>, input: Preview['input']): Read {
  const { dialect, encoding } = input;
  return {
    delimiter: dialect.delimiter,
    quote: dialect.quote ?? 'none',
    escape: dialect.escape ?? 'none',
    comment: dialect.comment ?? 'none',
    encoding,
    skip_rows: 0,
    header: dialect.header,
    ragged: 'reject',
    ...stated,
  };
}
