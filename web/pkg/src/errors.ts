/** The fields that every failure has, as plain data: what workers send each other. */
export interface Failure {
  name: 'RecipeError' | 'Fault';
  /** Of a {@link Fault}: what kind it is. */
  kind?: FaultKind;
  place: string;
  found: string;
  expected: string;
  hint?: string;
  /** The instance that failed cannot be used any more. */
  fatal?: boolean;
}

/**
 * - `io`: bytes could not be read or written
 * - `input`: what was read cannot be worked on
 * - `limit`: a stated limit was met, such as memory
 * - `state`: called at the wrong time, or the engine could not be started
 * - `internal`: a mistake of ours
 */
export type FaultKind = 'io' | 'input' | 'limit' | 'state' | 'internal';

class Told extends Error {
  /** Where: a place in the recipe, the input's name, an option. */
  readonly place: string;
  readonly found: string;
  readonly expected: string;
  readonly hint: string | undefined;

  constructor(failure: Failure) {
    const lines = [`${failure.place}: ${failure.found}`];
    if (failure.expected) lines.push(`expected: ${failure.expected}`);
    if (failure.hint) lines.push(`hint: ${failure.hint}`);
    super(lines.join('\n'));
    this.place = failure.place;
    this.found = failure.found;
    this.expected = failure.expected;
    this.hint = failure.hint;
  }
}

/** The recipe is wrong; nothing was read beyond the beginning of the input, and nothing written. */
export class RecipeError extends Told {
  override readonly name = 'RecipeError';
}

/** The work could not be done. */
export class Fault extends Told {
  override readonly name = 'Fault';
  readonly kind: FaultKind;

  constructor(failure: Failure) {
    super(failure);
    this.kind = failure.kind ?? 'internal';
  }
}

export function thrown(failure: Failure): RecipeError | Fault {
  return failure.name === 'RecipeError' ? new RecipeError(failure) : new Fault(failure);
}

export function fault(kind: FaultKind, place: string, found: string, expected: string, hint?: string): Failure {
  const failure: Failure = { name: 'Fault', kind, place, found, expected };
  if (hint !== undefined) failure.hint = hint;
  return failure;
}

/** A failure as plain data, whatever was thrown. */
export function told(error: unknown, place: string): Failure {
  if (error instanceof RecipeError) return plain(error, {});
  if (error instanceof Fault) return plain(error, { kind: error.kind });
  if (isFailure(error)) return error;
  const named = error as { name?: string; message?: string } | undefined;
  const found = named?.message ? `${named.name ?? 'Error'}: ${named.message}` : String(error);
  switch (named?.name) {
    case 'NotReadableError':
    case 'NotFoundError':
      return fault('io', place, `the file cannot be read any more (${found})`,
        'a file that stays as it is while it is read', 'it was changed, moved or removed: choose it again');
    case 'QuotaExceededError':
      return fault('io', place, `no room left (${found})`, "room in the browser's storage for all that is written",
        'write to a file of your own, or free some storage');
    case 'NotAllowedError':
    case 'SecurityError':
      return fault('io', place, `not allowed (${found})`, 'leave to read and write there');
    default:
      return fault('io', place, found, 'bytes to be read and written without a failure');
  }
}

function plain(error: Told, more: Partial<Failure>): Failure {
  const { name, place, found, expected, hint } = error as RecipeError | Fault;
  return { name, place, found, expected, ...(hint === undefined ? {} : { hint }), ...more };
}

export function isFailure(error: unknown): error is Failure {
  const name = (error as Failure | undefined)?.name;
  return (name === 'RecipeError' || name === 'Fault') && !(error instanceof Error);
}
