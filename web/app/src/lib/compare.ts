//! Whether a step changed a cell that is shown.

export type Shown = string | number | boolean | null | undefined;

const PLAIN = /^-?(0|[1-9]\d*)(\.\d+)?$/;

/** The text of a typed cell. A number keeps its written decimals, which its value does not tell; an integer has none. */
export function textOf(after: Shown, before: string | undefined, type: string): string {
  if (after === null || after === undefined) return '';
  if (typeof after === 'number' && type !== 'integer' && before !== undefined && PLAIN.test(before) && Number(before) === after) return before;
  return String(after);
}

export function changed(after: Shown, before: string | undefined, type: string): boolean {
  return before !== undefined && textOf(after, before, type) !== before;
}
