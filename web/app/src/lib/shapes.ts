//! The parts of a report and of a preview that the page shows.

export interface Dialect {
  delimiter: string;
  quote: string | null;
  escape: string | null;
  comment: string | null;
  header: boolean;
}

export interface Counts {
  in: number;
  added: number;
  out: number;
  rejected: number;
  filtered: number;
  deduplicated: number;
}

export interface StepCounts {
  step: string;
  changed: number;
  rejected: number;
  filtered: number;
  unknown?: number;
  invalid?: number;
}

export interface RejectedRow {
  record: number;
  line: number;
  column: string;
  reason: string;
  raw: string;
}

export type Value = string | number | boolean | null;

export interface Warning {
  kind: string;
  count: number;
  text: string;
}

export interface Histogram {
  edges: Value[];
  counts: number[];
}

export interface ColumnFigures {
  name: string;
  type: string;
  confidence?: number;
  count: number;
  missing: number;
  nan: number;
  infinite: number;
  invalid: number;
  distinct: { value: number; exact: boolean; error?: number } | null;
  min: Value;
  max: Value;
  sum: Value;
  sum_exact: string | null;
  mean: number | null;
  std: number | null;
  quantiles: { p25: Value; p50: Value; p75: Value; exact: boolean } | null;
  top: [Value, number][] | null;
  histogram: Histogram | null;
  warnings: Warning[];
}

export interface ReportView {
  input: { files: string[]; bytes: number; dialect: Dialect; encoding: string; skipped: number };
  rows: Counts;
  columns: ColumnFigures[];
  reductions: Record<string, { columns: string[]; rows: Value[][] }>;
  steps: StepCounts[];
  rejects: { count: number; first: RejectedRow[] };
  partial: boolean;
  faults?: string[];
}

export interface Place {
  record: number;
  line: number;
}

export interface PreviewView {
  input: {
    name: string;
    bytes: number;
    complete: boolean;
    dialect: Dialect;
    encoding: string;
    header: string[];
    skipped: number;
    from: Record<'delimiter' | 'quote' | 'escape' | 'comment' | 'encoding' | 'skip_rows' | 'header', 'stated' | 'detected' | 'default'>;
  };
  columns: { name: string; type: string }[];
  before: { columns: string[]; rows: string[][]; places: Place[] };
  rows: Value[][];
  places: Place[];
  records: number;
  out: number;
  rejected: number;
  filtered: number;
  steps: StepCounts[];
  rejects: RejectedRow[];
  complete: boolean;
  fitted: { steps: number[]; records: number; text: string } | null;
}
