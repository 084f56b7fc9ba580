//! A recipe's text, TOML or JSON, as the page edits it.
import { parse } from 'smol-toml';
import { wordOf } from './kernels.ts';
import { identified, type Read, type Recipe, type Step } from './recipe.ts';

/** Throws what the parser says, with its line. What the core would refuse is for the core to say. */
export function recipeOf(text: string): Recipe {
  const trimmed = text.replace(/^\uFEFF/, '');
  const document = (trimmed.trimStart().startsWith('{')
    ? JSON.parse(trimmed)
    : parse(trimmed, { integersAsBigInt: 'asNeeded' })) as Record<string, unknown>;
  const { tidemill, read, step, ...rest } = document;
  if (tidemill === undefined) throw new SyntaxError('tidemill = 1');
  const steps = Array.isArray(step) ? step.map((entry) => stepOf(entry as Record<string, unknown>)) : [];
  return { read: { ...(read as Read | undefined) }, steps, rest };
}

function stepOf(entry: Record<string, unknown>): Step {
  const word = wordOf(Object.keys(entry));
  const { off, ...options } = Object.fromEntries(Object.entries(entry).filter(([name]) => name !== word));
  return identified({ word, value: entry[word], options, off: off === true });
}

/** Whether a file is a recipe rather than data, by its name and its beginning. */
export function looksLikeRecipe(name: string, start: string): boolean {
  if (/\.toml$/i.test(name)) return true;
  return /\.json$/i.test(name) && /"tidemill"\s*:\s*1/.test(start);
}
