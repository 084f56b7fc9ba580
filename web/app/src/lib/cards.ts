//! Which columns are shown as cards, and in which order.
import type { ColumnFigures } from './shapes.ts';

export const sorts = ['position', 'name', 'type', 'missing', 'distinct', 'warnings'] as const;
export type Sort = (typeof sorts)[number];

/** What is not there although a row is. */
export const absent = (column: ColumnFigures): number => column.missing + column.nan + column.infinite + column.invalid;

const weight: Partial<Record<Sort, (column: ColumnFigures) => number>> = {
  missing: absent,
  distinct: (column) => column.distinct?.value ?? 0,
  warnings: (column) => column.warnings.reduce((sum, { count }) => sum + count, 0),
};

/** The columns whose names hold the words searched for. Equals stay in the order of the file. */
export function chosen(columns: readonly ColumnFigures[], search: string, sort: Sort, tag: string): ColumnFigures[] {
  const words = search.toLocaleLowerCase(tag).split(/\s+/).filter(Boolean);
  const found = columns.filter(({ name }) => {
    const low = name.toLocaleLowerCase(tag);
    return words.every((word) => low.includes(word));
  });
  const heavy = weight[sort];
  if (heavy) return found.sort((a, b) => heavy(b) - heavy(a));
  if (sort === 'name') {
    const order = new Intl.Collator(tag, { numeric: true });
    return found.sort((a, b) => order.compare(a.name, b.name));
  }
  if (sort === 'type') return found.sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  return found;
}
