//! A report's text with its numbers as they stand: whole numbers past 2^53 are kept as their digits.
import type { Value } from './shapes.ts';

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

/** Large numbers become texts where the host tells the source; elsewhere they are rounded as JSON.parse does. */
export function exactly<T>(json: string): T {
  const reviver: Reviver = (_, value, context) =>
    typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER && context?.source !== undefined ? context.source : value;
  // A report of ordinary numbers needs no second look.
  if (!/[0-9]{16}/.test(json)) return JSON.parse(json) as T;
  return JSON.parse(json, reviver as (key: string, value: unknown) => unknown) as T;
}

export const isNumber = (value: Value | undefined): value is number => typeof value === 'number';
