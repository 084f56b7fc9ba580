//! The geometry of small charts: numbers in, numbers out.
import type { ColumnFigures, Histogram, Value } from './shapes.ts';

export interface Bar {
  x: number;
  width: number;
  height: number;
  from: Value;
  to: Value;
  count: number;
}

const DAY = 86_400;

/** A value on an axis; nothing if it has no place on one. */
export function placed(value: Value | undefined): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(value)) return Number(value);
  const time = /^(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?$/.exec(value);
  if (time) return Number(time[1]) * 3600 + Number(time[2]) * 60 + Number(time[3] ?? 0);
  if (!/^\d{4}-\d\d-\d\d/.test(value)) return undefined;
  const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(value) ? value : `${value.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return Number.isNaN(at) ? undefined : at / 1000 / DAY;
}

/** Bars in a box of `width` and `height`; one that counts anything is at least a pixel high. */
export function bars({ edges, counts }: Pick<Histogram, 'edges' | 'counts'>, width: number, height: number): Bar[] {
  const most = Math.max(...counts, 1);
  const places = edges.map(placed);
  const first = places[0];
  const last = places.at(-1);
  const scaled = first !== undefined && last !== undefined && last > first && places.every((place) => place !== undefined);
  return counts.map((count, index) => {
    const at = (edge: number): number =>
      scaled ? (((places[edge] as number) - first) / (last - first)) * width : (edge / counts.length) * width;
    const x = at(index);
    return {
      x,
      width: Math.max(0.5, at(index + 1) - x),
      height: count === 0 ? 0 : Math.max(1, (count / most) * height),
      from: edges[index] ?? null,
      to: edges[index + 1] ?? null,
      count,
    };
  });
}

export interface Box {
  p25: number;
  p50: number;
  p75: number;
  mean: number | undefined;
}

/** The quartiles on the way from the least (0) to the greatest value (1). */
export function box({ min, max, mean, quantiles }: ColumnFigures): Box | undefined {
  if (quantiles === null) return undefined;
  const [low, high] = [placed(min), placed(max)];
  const [p25, p50, p75] = [quantiles.p25, quantiles.p50, quantiles.p75].map(placed);
  if (low === undefined || high === undefined || high <= low || p25 === undefined || p50 === undefined || p75 === undefined) return undefined;
  const on = (value: number): number => Math.min(1, Math.max(0, (value - low) / (high - low)));
  return { p25: on(p25), p50: on(p50), p75: on(p75), mean: mean === null ? undefined : on(mean) };
}
