//! A step in a few words.
import { listOf, tableOf } from './columns.ts';
import type { Formats } from './i18n/formats.ts';
import type { Words } from './i18n/en.ts';
import { choiceLabel, wordName } from './labels.ts';
import type { Step } from './recipe.ts';
import type { StepCounts } from './shapes.ts';

export function nameOf(step: Step, t: Words): string {
  return wordName(step.word, t);
}

function columnsOf(names: readonly string[], t: Words, f: Formats): string {
  if (names.length === 1 && names[0] === '*') return t.steps.allColumns;
  return names.length <= 3 ? names.join(', ') : t.steps.nColumns(f.count(names.length), names.length);
}

function filled(value: unknown): string {
  if (typeof value === 'object' && value !== null) return String((value as { with?: unknown }).with ?? '');
  return typeof value === 'string' ? `"${value}"` : String(value);
}

export function summary(step: Step, t: Words, f: Formats): string {
  const pairs = Object.entries(tableOf(step.value));
  const listed = (parts: string[]): string => (parts.length <= 3 ? parts.join(', ') : t.steps.nColumns(f.count(parts.length), parts.length));
  switch (step.word) {
    case 'trim':
    case 'drop_missing':
    case 'select':
    case 'drop':
      return columnsOf(listOf(step.value), t, f);
    case 'cast':
      return listed(pairs.map(([name, type]) => `${name}: ${t.columns.types[String(typeof type === 'object' ? (tableOf(type)['type'] ?? '') : type)] ?? ''}`));
    case 'fill':
      return listed(pairs.map(([name, value]) => `${name} = ${filled(value)}`));
    case 'derive':
      return listed(pairs.map(([name, expression]) => `${name} = ${String(expression)}`));
    case 'rename':
      return listed(pairs.map(([from, to]) => `${from} → ${String(to)}`));
    case 'limit':
      return t.steps.firstRows(f.count(Number(step.value)), Number(step.value));
    case 'filter':
      return String(step.value);
    default:
      if (Array.isArray(step.value)) return columnsOf(listOf(step.value), t, f);
      if (pairs.length > 0) return listed(pairs.map(([name, value]) => (typeof value === 'object' ? name : `${name}: ${typeof value === 'string' ? choiceLabel(step.word, value, t) : String(value)}`)));
      if (typeof step.value !== 'object') return String(step.value ?? '');
      return JSON.stringify(step.value, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)) ?? '';
  }
}

/** What a step did, in words; nothing where there is nothing to count. */
export function done(counts: StepCounts, t: Words, f: Formats): string {
  const parts: string[] = [];
  if (counts.changed > 0) parts.push(t.steps.changed(f.count(counts.changed), counts.changed));
  if (counts.filtered > 0) parts.push(t.steps.filtered(f.count(counts.filtered), counts.filtered));
  if (counts.unknown) parts.push(t.steps.unknown(f.count(counts.unknown)));
  if (counts.rejected > 0) parts.push(t.steps.aside(f.count(counts.rejected), counts.rejected));
  if (counts.invalid) parts.push(t.steps.invalid(f.count(counts.invalid), counts.invalid));
  return parts.join(' · ');
}
