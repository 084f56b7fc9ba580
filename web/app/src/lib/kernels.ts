//! The steps that the core has, and what each takes, read from the schema that the core prints. A form
//! can be made of it for any step, whether the page has heard of it or not.
import schema from 'tidemill/recipe.schema.json';
import { fresh, identified, isWord, words, type Step } from './recipe.ts';

/** What a value of a recipe looks like. */
export type Field =
  | { kind: 'columns' }
  | { kind: 'texts' }
  | { kind: 'text'; expression: boolean }
  | { kind: 'number'; whole: boolean; min: number | undefined; max: number | undefined }
  | { kind: 'boolean' }
  | { kind: 'word'; words: readonly string[] }
  /** A text, a number, or yes and no. */
  | { kind: 'scalar' }
  /** A name to something. */
  | { kind: 'map'; entry: Field }
  | { kind: 'options'; options: readonly Option[] }
  | { kind: 'either'; fields: readonly Field[] }
  /** Nothing that is known here: it is written as JSON. */
  | { kind: 'any' };

export interface Option {
  name: string;
  help: string;
  field: Field;
}

export interface Kernel {
  word: string;
  help: string;
  /** The step as the core's documentation shows it, in TOML. */
  example: string;
  field: Field;
  /** Its options besides `where` and `off`, which the page has for every step. */
  options: readonly Option[];
  /** Whether it can be done to some rows only. */
  rows: boolean;
}

interface Node {
  type?: string | readonly string[];
  enum?: readonly unknown[];
  const?: unknown;
  format?: string;
  description?: string;
  examples?: readonly string[];
  required?: readonly string[];
  minimum?: number;
  maximum?: number;
  items?: Node;
  properties?: Record<string, Node>;
  additionalProperties?: boolean | Node;
  anyOf?: readonly Node[];
  oneOf?: readonly Node[];
  $ref?: string;
  $defs?: Record<string, Node>;
}

const texts = ({ type, items }: Node): boolean => type === 'array' && items?.type === 'string';

function optionsOf(properties: Record<string, Node>, root: Node): Option[] {
  return Object.entries(properties).map(([name, node]) => ({ name, help: node.description ?? '', field: fieldOf(node, root) }));
}

function target(node: Node, root: Node): Node {
  const name = node.$ref?.replace('#/$defs/', '');
  return name === undefined ? node : (root.$defs?.[name] ?? {});
}

export function fieldOf(reference: Node, root: Node = {}): Field {
  const node = target(reference, root);
  if (node.format === 'columns') return { kind: 'columns' };
  if (node.enum?.every((word) => typeof word === 'string')) return { kind: 'word', words: node.enum };
  const ways = node.anyOf ?? node.oneOf;
  if (ways) {
    // A list may be one text as well, which need not be offered.
    if (ways.some(texts) && ways.every((way) => texts(way) || way.type === 'string')) return { kind: 'texts' };
    return { kind: 'either', fields: ways.map((way) => fieldOf(way, root)) };
  }
  if (texts(node)) return { kind: 'texts' };
  if (Array.isArray(node.type)) return node.type.every((type) => ['string', 'number', 'integer', 'boolean'].includes(type)) ? { kind: 'scalar' } : { kind: 'any' };
  switch (node.type) {
    case 'string':
      return { kind: 'text', expression: node.format === 'sql-expression' };
    case 'integer':
    case 'number':
      return { kind: 'number', whole: node.type === 'integer', min: node.minimum, max: node.maximum };
    case 'boolean':
      return { kind: 'boolean' };
    case 'object':
      if (node.properties) return { kind: 'options', options: optionsOf(node.properties, root) };
      if (typeof node.additionalProperties === 'object') return { kind: 'map', entry: fieldOf(node.additionalProperties, root) };
      return { kind: 'any' };
    default:
      return { kind: 'any' };
  }
}

/** The steps that a schema of recipes describes, in its order. */
export function kernelsOf(root: Node): Kernel[] {
  const steps = root.$defs?.['Step'];
  return (steps?.oneOf ?? []).flatMap((reference) => {
    const node = target(reference, root);
    const word = node.required?.[0];
    const own = word === undefined ? undefined : node.properties?.[word];
    if (word === undefined || own === undefined) return [];
    const { where, off: _, [word]: __, ...others } = node.properties ?? {};
    return [{ word, help: node.description ?? '', example: node.examples?.[0] ?? '', field: fieldOf(own, root), options: optionsOf(others, root), rows: where !== undefined }];
  });
}

const printed = kernelsOf(schema as Node);

/** Those of the core, with the ones that are used most in front. */
export const kernels: readonly Kernel[] = [
  ...words.flatMap((word) => printed.filter((kernel) => kernel.word === word)),
  ...printed.filter(({ word }) => !(words as readonly string[]).includes(word)),
];

const known = new Map(kernels.map((kernel) => [kernel.word, kernel]));

export const kernelOf = (word: string): Kernel | undefined => known.get(word);

/** What a form begins with: nothing that is said yet, where nothing is sensible by itself. */
export function blankOf(field: Field): unknown {
  switch (field.kind) {
    case 'columns':
    case 'texts':
      return [];
    case 'text':
    case 'scalar':
      return '';
    case 'number':
      return field.min ?? 0;
    case 'boolean':
      return true;
    case 'word':
      return field.words[0];
    case 'map':
    case 'options':
      return {};
    case 'either':
      return field.fields[0] ? blankOf(field.fields[0]) : '';
    case 'any':
      return '';
  }
}

/** Which of several ways a value is written in; the first if in none. */
export function wayOf(fields: readonly Field[], value: unknown): number {
  return Math.max(0, fields.findIndex((field) => fits(field, value)));
}

function fits(field: Field, value: unknown): boolean {
  const table = typeof value === 'object' && value !== null && !Array.isArray(value);
  switch (field.kind) {
    case 'columns':
    case 'texts':
      return Array.isArray(value);
    case 'text':
      return typeof value === 'string';
    case 'word':
      return typeof value === 'string' && field.words.includes(value);
    case 'scalar':
      return !table && !Array.isArray(value);
    case 'number':
      return typeof value === 'number' || typeof value === 'bigint';
    case 'boolean':
      return typeof value === 'boolean';
    case 'map':
    case 'options':
      return table;
    case 'either':
      return field.fields.some((inner) => fits(inner, value));
    case 'any':
      return true;
  }
}

/** A step as it is when it is added. */
export function begun(word: string): Step {
  if (isWord(word)) return fresh(word);
  const kernel = kernelOf(word);
  // What is as a rule done to all columns begins with all of them.
  const shown = Number(kernel?.field.kind === 'number' ? /= (-?[\d.]+)$/m.exec(kernel.example)?.[1] : undefined);
  if (Number.isFinite(shown)) return identified({ word, value: shown, options: {}, off: false });
  const every = kernel?.field.kind === 'columns' && kernel.example.includes('["*"]');
  return identified({ word, value: every ? ['*'] : kernel ? blankOf(kernel.field) : '', options: {}, off: false });
}

/** Which key of a step in a recipe's text is its word. */
export function wordOf(keys: readonly string[]): string {
  const fit = keys.find((key) => {
    const own = kernelOf(key)?.options.map(({ name }) => name);
    return own && keys.every((other) => other === key || other === 'where' || other === 'off' || own.includes(other));
  });
  return fit ?? keys.find((key) => known.has(key)) ?? keys.find((key) => key !== 'where' && key !== 'off') ?? keys[0] ?? '';
}
