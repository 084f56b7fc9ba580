//! What went wrong, as the page shows it.
import { Fault, RecipeError } from 'tidemill';

export type Kind = 'recipe' | 'recipeFile' | 'file' | 'io' | 'limit' | 'state' | 'internal';

export interface Trouble {
  kind: Kind;
  place: string;
  found: string;
  expected: string;
  hint: string | undefined;
}

const kinds = { io: 'io', input: 'file', limit: 'limit', state: 'state', internal: 'internal' } as const;

export function troubleOf(error: unknown): Trouble {
  if (error instanceof RecipeError || error instanceof Fault) {
    const { place, found, expected, hint } = error;
    return { kind: error instanceof RecipeError ? 'recipe' : kinds[error.kind], place, found, expected, hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'internal', place: '', found: message, expected: '', hint: undefined };
}
