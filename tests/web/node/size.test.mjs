// What a visitor downloads stays small: the limits are promises.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { pkg } from '../pack.mjs';

const dist = join(pkg, 'dist');
const zipped = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;

for (const [name, most] of [['plain.wasm', 700_000], ['threads.wasm', 800_000], ['unpack.wasm', 150_000]]) {
  test(`${name} has less than ${most} bytes gzipped`, (t) => {
    t.diagnostic(`${name}: ${zipped(name)} bytes gzipped`);
    assert.ok(zipped(name) < most, `${zipped(name)} bytes`);
  });
}

test('the JavaScript of a page has less than 20,000 bytes gzipped', (t) => {
  // What a page can load: all but Node's own two scripts.
  const scripts = readdirSync(dist).filter((name) => name.endsWith('.js') && !name.startsWith('node'));
  const size = scripts.reduce((sum, name) => sum + zipped(name), 0);
  t.diagnostic(`JavaScript: ${size} bytes gzipped in ${scripts.length} files`);
  assert.ok(size < 20_000, `${size} bytes`);
});
