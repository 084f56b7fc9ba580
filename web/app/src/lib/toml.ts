//! A recipe's document as TOML. Only what a recipe can hold is written: tables, arrays of tables,
//! texts, numbers, booleans, and lists of them.

const BARE = /^[A-Za-z0-9_-]+$/;

function escaped(text: string): string {
  let out = '';
  for (const sign of text) {
    const code = sign.codePointAt(0) as number;
    if (sign === '"') out += '\\"';
    else if (sign === '\\') out += '\\\\';
    else if (sign === '\n') out += '\\n';
    else if (sign === '\t') out += '\\t';
    else if (sign === '\r') out += '\\r';
    else if (code < 0x20 || code === 0x7f) out += `\\u${code.toString(16).padStart(4, '0')}`;
    // Half of a pair has no place in TOML, which is UTF-8.
    else if (code >= 0xd800 && code <= 0xdfff) out += '\ufffd';
    else out += sign;
  }
  return out;
}

const text = (value: string): string => `"${escaped(value)}"`;
const key = (name: string): string => (BARE.test(name) ? name : text(name));

function number(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  // Past 2^63 an integer of TOML has no room.
  if (Number.isInteger(value) && Math.abs(value) < 2 ** 63) return BigInt(value).toString();
  const printed = String(value);
  return /[.e]/.test(printed) ? printed.replace('e+', 'e') : `${printed}.0`;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function inline(value: unknown): string {
  if (typeof value === 'string') return text(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (isTable(value)) {
    const pairs = present(value).map(([name, inner]) => `${key(name)} = ${inline(inner)}`);
    return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
  }
  throw new TypeError(`no TOML for ${String(value)}`);
}

const present = (table: Record<string, unknown>): [string, unknown][] =>
  Object.entries(table).filter(([, value]) => value !== undefined && value !== null);

function body(table: Record<string, unknown>): string {
  return present(table).map(([name, value]) => `${key(name)} = ${inline(value)}\n`).join('');
}

/** A recipe as text. Scalars come first, then a section for each table and each entry of a list of tables. */
export function toml(document: Record<string, unknown>): string {
  const scalars: Record<string, unknown> = {};
  let sections = '';
  for (const [name, value] of present(document)) {
    if (Array.isArray(value) && value.length > 0 && value.every(isTable)) {
      for (const entry of value) sections += `\n[[${key(name)}]]\n${body(entry)}`;
    } else if (isTable(value)) {
      sections += `\n[${key(name)}]\n${body(value)}`;
    } else {
      scalars[name] = value;
    }
  }
  return body(scalars) + sections;
}
