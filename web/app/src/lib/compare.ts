//! Whether a step changed a cell that is shown.

export type Shown = string | number | boolean | null | undefined;

const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** The text of a typed cell. A number as it stood, if it is that number still. */
export function textOf(after: Shown, before: string | undefined): string {
  if (after === null || after === undefined) return '';
  if (typeof after === 'number' && before !== undefined && PLAIN.test(before) && Number(before) === after) return before;
  return String(after);
}

export function changed(after: Shown, before: string | undefined): boolean {
  return before !== undefined && textOf(after, before) !== before;
}
