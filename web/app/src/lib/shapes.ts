//! The parts of a report and of a preview, by short names.
import type { Preview, Report } from 'tidemill';

export type { Preview, Report };
export type Counts = Report['rows'];
export type StepCounts = Report['steps'][number];
type ReportColumn = Report['columns'][number];
export type Value = ReportColumn['min'];

/** A cell of a reduction's answer: a value, or an estimate with its error. */
export type Answer = Report['reductions'][string]['rows'][number][number];

/** How values are spread: `counts[i]` of them lie between `edges[i]` and `edges[i + 1]`. */
export type Histogram = NonNullable<ReportColumn['histogram']>;

type Count = 'count' | 'missing' | 'nan' | 'infinite' | 'invalid';

/** What a profile says of a column. */
export interface ColumnFigures extends Omit<ReportColumn, Count | 'type'>, Record<Count, number> {
  type: string;
}

export function figuresOf(report: Report): ColumnFigures[] {
  return report.columns.map(({ type, count, missing, nan, infinite, invalid, ...others }) => ({
    ...others,
    type: type ?? 'text',
    count: count ?? 0,
    missing: missing ?? 0,
    nan: nan ?? 0,
    infinite: infinite ?? 0,
    invalid: invalid ?? 0,
  }));
}
