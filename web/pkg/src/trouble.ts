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
  const failure = noted ?? fault('internal', 'engine', String(error), 'an engine that does not fail', 'please report it, with the recipe');
  return { ...failure, fatal: true };
}
