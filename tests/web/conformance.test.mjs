// The module in Node gives the bytes that the command gives: report, rows and rejects, or the same
// failure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { alone, decoded, load, together } from './alone.mjs';
import { corpus, folder, own, profiles, runs } from './corpus.mjs';

const module = await load(new URL('plain/', folder));

function ways(recipe, file, options, expect) {
  const bytes = readFileSync(file);
  const name = basename(file);
  for (const piece of [7, 65_536, 1 << 20]) {
    if (piece === 7 && bytes.length > 100_000) continue;
    expect(() => alone(module, recipe, name, bytes, { ...options, piece }), `alone, pieces of ${piece}`);
  }
  let apart = true;
  try {
    const { text, encoding } = decoded(module, recipe, bytes);
    const window = text.subarray(0, module.window());
    apart = new module.Mill(recipe, name, window, options.rows, options.rejects, options.profile, undefined, encoding).apart();
  } catch {
    // The failure is looked at above.
    return;
  }
  if (!apart) return;
  for (const hands of [1, 2, 3]) {
    expect(() => together(module, recipe, name, bytes, { ...options, piece: 100_000, hands }), `${hands} hands`);
  }
}

test('profiles are the command\'s', () => profiles(ways));

test('reports, rows and rejects are the command\'s', () => runs(ways));

test('a step that learns takes two passes, alone and by hands', () => {
  const file = join(corpus, 'flights.csv');
  const options = { rows: true, rejects: true, profile: undefined, piece: 65_536, hands: 2 };
  const bytes = readFileSync(file);
  assert.equal(alone(module, own['flights.csv'].fitted, 'flights.csv', bytes, options).passes, 2);
  assert.equal(together(module, own['flights.csv'].fitted, 'flights.csv', bytes, options).passes, 2);
});

test('a mistake in a recipe says where, what and how', () => {
  assert.throws(
    () => alone(module, 'tidemill = 1\n[[step]]\ntrimm = ["*"]\n', 'a.csv', Buffer.from('a\n1\n'), { rows: true, rejects: false, piece: 9 }),
    { name: 'RecipeError', hint: 'did you mean "trim"?' },
  );
});
