import { fault, type Failure } from './errors.js';
import type { Glue } from './module.js';

/** What killed an instance, as a failure; nothing if what was thrown is of another kind. */
export function trouble(glue: Glue, error: unknown): Failure | undefined {
  const died = error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
  if (!died) return undefined;
  let noted: Failure | undefined;
  try {
    noted = glue.trouble() as Failure | undefined;
  } catch {
    // Nothing was noted that can still be read.
  }
  if (noted === undefined && error instanceof RangeError) {
    noted = fault('limit', 'memory', error.message, 'as much memory as the work needs', 'close other pages, or use fewer threads');
  }
  const failure = noted ?? fault('internal', 'engine', String(error), 'an engine that does not fail', 'please report it, with the recipe');
  return { ...failure, fatal: true };
}
