//! A value of a column as it is shown.
import type { Formats } from './i18n/formats.ts';
import type { Answer } from './shapes.ts';

export function shownValue(value: Answer | undefined, f: Formats): string {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(([text, count]) => `${shownValue(text, f)} (${f.count(count)})`).join(', ');
  if (typeof value === 'object') {
    if (value.value === null) return value.reason ?? '–';
    return value.error === undefined ? `≈ ${f.figure(value.value)}` : `≈ ${f.figure(value.value)} ±${f.percent(value.error)}`;
  }
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e15 ? f.value(value) : f.figure(value);
  return String(value);
}
