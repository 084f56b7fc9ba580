//! A recipe as the page edits it. What the page has no form for is kept as it is, and goes back into
//! the text.

/** How the input is read, as far as somebody said so; the rest is detected. */
export interface Read {
  delimiter?: string;
  quote?: string;
  escape?: string;
  comment?: string;
  encoding?: string;
  skip_rows?: number;
  header?: boolean | number | string[];
  ragged?: string;
  missing?: unknown;
  [key: string]: unknown;
}

export interface Step {
  /** Of this page alone: what tells steps apart while they are moved. */
  readonly id: number;
  readonly word: string;
  readonly value: unknown;
  /** The sibling keys of the word, such as `on_error` and `where`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly off: boolean;
}

export interface Recipe {
  readonly read: Readonly<Read>;
  readonly steps: readonly Step[];
  /** `expect`, `reduce`, `write` and what else a recipe may hold. */
  readonly rest: Readonly<Record<string, unknown>>;
}

export const empty: Recipe = { read: {}, steps: [], rest: {} };

/** The steps that the page has forms for, in the order in which it offers them. */
export const words = ['trim', 'cast', 'fill', 'drop_missing', 'filter', 'derive', 'rename', 'select', 'drop', 'limit'] as const;
export type Word = (typeof words)[number];

export function isWord(word: string): word is Word {
  return (words as readonly string[]).includes(word);
}

export const types = ['integer', 'number', 'boolean', 'date', 'time', 'datetime', 'text'] as const;
export const numeric = (type: string | undefined): boolean => type === 'number' || type === 'integer';
export const troubles = ['reject', 'missing', 'keep', 'fail'] as const;

let last = 0;

export function identified(step: Omit<Step, 'id'>): Step {
  return { id: (last += 1), ...step };
}

/** A step as it is when it is added: one that does something sensible, or nothing yet. */
export function fresh(word: Word): Step {
  const value: Record<Word, unknown> = {
    trim: ['*'],
    cast: {},
    fill: {},
    drop_missing: [],
    filter: '',
    derive: {},
    rename: {},
    select: [],
    drop: [],
    limit: 1000,
  };
  return identified({ word, value: value[word], options: {}, off: false });
}

/** Whether a step says something yet. One that does not is left out of what is run and saved. */
export function said(step: Step): boolean {
  const { value, options } = step;
  if (typeof value === 'string') return value.trim() !== '';
  if (Array.isArray(value)) return value.length > 0;
  // A style of names needs no name beside it.
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0 || options['style'] !== undefined;
  return value !== undefined && value !== null;
}

/** The recipe as the core takes it: a plain document. */
export function documented(recipe: Recipe, read: Readonly<Read> = recipe.read): Record<string, unknown> {
  const document: Record<string, unknown> = { tidemill: 1 };
  const { expect, ...rest } = recipe.rest;
  if (Object.keys(read).length > 0) document['read'] = read;
  if (expect !== undefined) document['expect'] = expect;
  const steps = recipe.steps.filter(said).map(({ word, value, options, off }) => ({ [word]: value, ...options, ...(off ? { off: true } : {}) }));
  if (steps.length > 0) document['step'] = steps;
  return { ...document, ...rest };
}

/** The recipe without steps: what a profile of the file as it came is read by. */
export function asItCame(recipe: Recipe): Recipe {
  return { read: recipe.read, steps: [], rest: {} };
}

/** A copy with one step in another's place. */
export function moved<T>(list: readonly T[], from: number, to: number): readonly T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return list;
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
