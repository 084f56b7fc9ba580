//! Which columns there are at one place of a recipe, and which of them a list of patterns means: what
//! the forms offer. The core alone decides what is run.
import { said, type Step } from './recipe.ts';

/** The pattern that means the column of this name and nothing else. */
export function patternOf(name: string): string {
  // A list that begins with "!" would start from all columns.
  return name.startsWith('!') ? name.replace(/[\\*!#]/g, '\\$&') : name;
}

function globbed(pattern: string): RegExp | undefined {
  let source = '';
  let star = false;
  for (let at = 0; at < pattern.length; at += 1) {
    const sign = pattern[at] as string;
    const next = pattern[at + 1];
    if (sign === '\\' && next !== undefined && '*\\!#'.includes(next)) {
      source += next.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      at += 1;
    } else if (sign === '*') {
      source += '[^]*';
      star = true;
    } else source += sign.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  return star ? new RegExp(`^${source}$`, 'u') : undefined;
}

const literal = (pattern: string): string => pattern.replace(/\\([*\\!#])/g, '$1');

function find(names: readonly string[], name: string): number {
  const at = names.indexOf(name);
  if (at >= 0) return at;
  const position = /^#([1-9]\d*)$/.exec(name)?.[1];
  return position !== undefined && Number(position) <= names.length ? Number(position) - 1 : -1;
}

/** The positions that a list of patterns means. */
export function resolved(names: readonly string[], patterns: readonly string[]): number[] {
  const chosen = new Array<boolean>(names.length).fill(patterns[0]?.startsWith('!') ?? false);
  for (const whole of patterns) {
    const own = names.indexOf(whole);
    if (own >= 0) {
      chosen[own] = true;
      continue;
    }
    const value = !whole.startsWith('!');
    const pattern = value ? whole : whole.slice(1);
    const glob = globbed(pattern);
    if (glob === undefined) {
      const at = find(names, literal(pattern));
      if (at >= 0) chosen[at] = value;
    } else names.forEach((name, at) => {
      if (glob.test(name)) chosen[at] = value;
    });
  }
  return names.map((_, at) => at).filter((at) => chosen[at]);
}

export const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];

export function tableOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** The names behind these steps. */
export function namesAfter(header: readonly string[], steps: readonly Step[]): readonly string[] {
  let names = header;
  for (const step of steps) {
    if (step.off || !said(step)) continue;
    if (step.word === 'rename') {
      const next = [...names];
      for (const [from, to] of Object.entries(tableOf(step.value))) {
        const at = find(names, from);
        if (at >= 0) next[at] = String(to);
      }
      names = next;
    } else if (step.word === 'derive') {
      names = [...names, ...Object.keys(tableOf(step.value)).filter((name) => !names.includes(name))];
    } else if (step.word === 'select') {
      names = selected(names, listOf(step.value)).map((at) => names[at] as string);
    } else if (step.word === 'reorder') {
      const first = selected(names, listOf(step.value));
      names = [...first, ...names.map((_, at) => at).filter((at) => !first.includes(at))].map((at) => names[at] as string);
    } else if (step.word === 'extract' || step.word === 'join') {
      names = [...names, ...Object.keys(tableOf(step.value)).filter((name) => !names.includes(name))];
    } else if (step.word === 'split') {
      for (const [name, said] of Object.entries(tableOf(step.value))) {
        const { into, keep } = tableOf(said);
        const at = find(names, name);
        if (at >= 0) names = [...names.slice(0, keep === true ? at + 1 : at), ...listOf(into), ...names.slice(at + 1)];
      }
    } else if (step.word === 'drop') {
      const gone = new Set(resolved(names, listOf(step.value)));
      names = names.filter((_, at) => !gone.has(at));
    }
  }
  return names;
}

/** `select` keeps columns in the order of its list: together the patterns say which, each alone the order. */
export function selected(names: readonly string[], patterns: readonly string[]): number[] {
  const chosen = resolved(names, patterns);
  const order: number[] = [];
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) continue;
    for (const at of resolved(names, [pattern])) if (chosen.includes(at) && !order.includes(at)) order.push(at);
  }
  return [...order, ...chosen.filter((at) => !order.includes(at))];
}

/** The position in the input of the column that is called `name` behind these steps; -1 if that cannot be said. */
export function origin(header: readonly string[], steps: readonly Step[], name: string): number {
  let now = name;
  for (const step of [...steps].reverse()) {
    if (step.off) continue;
    if (step.word === 'derive' && Object.hasOwn(tableOf(step.value), now) && !header.includes(now)) return -1;
    if (step.word !== 'rename') continue;
    const from = Object.entries(tableOf(step.value)).find(([, to]) => to === now)?.[0];
    if (from !== undefined) now = from;
  }
  return find(header, now);
}
