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
export interface Histogram {
  edges: Value[];
  counts: number[];
}

type Count = 'count' | 'missing' | 'nan' | 'infinite' | 'invalid';

/** What a profile says of a column. */
export interface ColumnFigures extends Omit<ReportColumn, Count | 'type' | 'histogram'>, Record<Count, number> {
  type: string;
  /** From 0 to 1, where the report tells. */
  confidence?: number;
  histogram: Histogram | null;
}

function isHistogram(value: unknown): value is Histogram {
  const { edges, counts } = (value ?? {}) as Partial<Histogram>;
  return Array.isArray(edges) && Array.isArray(counts) && edges.length === counts.length + 1;
}

export function figuresOf(report: Report): ColumnFigures[] {
  return report.columns.map(({ type, count, missing, nan, infinite, invalid, histogram, ...others }) => ({
    ...others,
    type: type ?? 'text',
    count: count ?? 0,
    missing: missing ?? 0,
    nan: nan ?? 0,
    infinite: infinite ?? 0,
    invalid: invalid ?? 0,
    histogram: isHistogram(histogram) ? histogram : null,
  }));
}
