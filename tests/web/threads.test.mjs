// The module for threads, in a pool of worker_threads: with any number of them it gives the bytes
// that the command gives, or the same failure.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { corpus, folder, own, profiles, runs } from './corpus.mjs';
import { pooled, start } from './pooled.mjs';
import { groups } from './trouble.mjs';

const threads = new URL('threads/', folder);
let pools = [];
before(async () => {
  pools = await Promise.all([1, 2, 4].map((count) => start(threads, count)));
});
after(() => Promise.all(pools.map((pool) => pool.stop())));

function ways(recipe, file, options, expect) {
  const bytes = readFileSync(file);
  for (const pool of pools) {
    for (const piece of [7, 1 << 20]) {
      if (piece === 7 && bytes.length > 100_000) continue;
      expect(() => pooled(pool, recipe, basename(file), bytes, { ...options, piece }), `${pool.threads} threads, pieces of ${piece}`);
    }
  }
}

test('profiles are the command\'s with any number of threads', () => profiles(ways));

test('reports, rows and rejects are the command\'s with any number of threads', () => runs(ways));

test('a run over more spans than may be on their way is the same with any number of threads', () => {
  const head = Buffer.from('key,value,note\n');
  const line = (at) => `k${at % 7},${(at * 7919) % 10_007}.5,"a, ""b"" ${at}"\n`;
  const bytes = Buffer.concat([head, ...Array.from({ length: 400_000 }, (_, at) => Buffer.from(line(at)))]);
  const recipe = 'tidemill = 1\n[[step]]\nlimit = 399000\n[[reduce]]\nname = "by"\nby = ["key"]\nvalues = ["rows", "sum(value)", "std(value)"]\n';
  const options = { rows: true, rejects: true, profile: undefined, piece: 100_000 };
  const [one, ...others] = pools.map((pool) => pooled(pool, recipe, 'many.csv', bytes, options));
  assert.equal(JSON.parse(one.report).rows.in, 400_000);
  assert.equal(one.progress[1], bytes.length);
  for (const other of others) {
    assert.equal(other.report, one.report);
    assert.ok(other.rows.equals(one.rows));
  }
  const pool = pools[2];
  const part = pooled(pool, recipe, 'many.csv', bytes, { ...options, stopAt: 5_000_000 });
  const report = JSON.parse(part.report);
  assert.ok(report.rows.in > 0 && report.rows.in < 400_000, 'a cancelled run is a part');
  assert.ok(one.rows.subarray(0, part.rows.length).equals(part.rows), 'its rows are the first');
});

test('a step that learns takes two passes', () => {
  const bytes = readFileSync(join(corpus, 'flights.csv'));
  const options = { rows: true, rejects: true, profile: undefined, piece: 65_536 };
  for (const pool of pools) assert.equal(pooled(pool, own['flights.csv'].fitted, 'flights.csv', bytes, options).passes, 2);
});

test('memory that is refused to a thread is a Fault, and the next instance works', async () => {
  const { recipe, bytes, options } = groups();
  const pool = await start(threads, 2, 256);
  try {
    assert.throws(() => pooled(pool, recipe, 'groups.csv', bytes, options), {
      name: 'Fault',
      kind: 'limit',
      place: 'memory',
      found: /^no memory for \d+ more bytes$/,
      expected: 'to stay under the limit of 256 MiB',
      hint: /memory/,
    });
    assert.ok(pool.instance.dead());
    assert.equal(pool.instance.trouble().kind, 'limit');
  } finally {
    await pool.stop();
  }
  const next = await start(threads, 2, 256);
  try {
    const few = bytes.subarray(0, 1000 + bytes.subarray(1000).indexOf(10) + 1);
    assert.ok(JSON.parse(pooled(next, recipe, 'groups.csv', few, options).report).rows.in > 10);
  } finally {
    await next.stop();
  }
});
