// What is left of an instance that died: the reason, as a Fault.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alone, load } from './alone.mjs';
import { folder } from './corpus.mjs';
import { groups } from './trouble.mjs';

const plain = new URL('plain/', folder);

test('an instance that runs out of memory can tell so, and a fresh one works', async () => {
  const { recipe, bytes, options } = groups();
  const module = await load(plain, 256);
  assert.equal(module.trouble(), undefined);
  assert.throws(() => alone(module, recipe, 'groups.csv', bytes, options), WebAssembly.RuntimeError);
  for (let time = 0; time < 2; time += 1) {
    const trouble = module.trouble();
    assert.deepEqual({ ...trouble, found: trouble.found.replace(/\d+/, 'N') }, {
      name: 'Fault',
      kind: 'limit',
      place: 'memory',
      found: 'no memory for N more bytes',
      expected: 'to stay under the limit of 256 MiB',
      hint: 'allow more memory, use fewer threads, or group by what has fewer different values',
    });
  }
  const next = await load(plain, 256);
  const few = bytes.subarray(0, 10 + bytes.subarray(10).indexOf(10) + 1);
  assert.equal(JSON.parse(alone(next, recipe, 'groups.csv', few, options).report).rows.in, 1);
  assert.equal(next.trouble(), undefined);
});
