//! Conditions, put together for those who do not write SQL.

export const comparisons = ['=', '<>', '>', '<', '>=', '<=', 'like', 'is null', 'is not null'] as const;
export type Comparison = (typeof comparisons)[number];

const RESERVED = new Set(
  'all and any as asc between by case cast date desc distinct else end escape exists false from group having ilike in interval is join like limit not null on or order select set similar some table then time timestamp true union unknown using values when where with'.split(' '),
);

/** A column's name as an expression takes it. */
export function name(column: string): string {
  const bare = /^[A-Za-z_][A-Za-z0-9_]*$/.test(column) && !RESERVED.has(column.toLowerCase());
  return bare ? column : `"${column.replaceAll('"', '""')}"`;
}

/** A value as an expression takes it: a number bare, everything else as text. */
export function literal(value: string, text: boolean): string {
  const trimmed = value.trim();
  return !text && /^-?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(trimmed) ? trimmed : `'${value.replaceAll("'", "''")}'`;
}

export function condition(column: string, comparison: Comparison, value: string, text: boolean): string {
  if (comparison === 'is null' || comparison === 'is not null') return `${name(column)} ${comparison}`;
  return `${name(column)} ${comparison} ${literal(value, text || comparison === 'like')}`;
}

/** Both must hold. What was there is put in parentheses where `or` would bind less. */
export function both(before: string, more: string): string {
  const old = before.trim();
  if (old === '') return more;
  return /\bor\b/i.test(old) ? `(${old}) and ${more}` : `${old} and ${more}`;
}
