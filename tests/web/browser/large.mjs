// One large file in one tab: profiled to its last byte, its progress and memory watched, and cancelled.
import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { open } from './browsers.mjs';
import { seconds, watch } from './proc.mjs';

/** Profiles `path` in Chromium and holds the report against what is `known` of the file. */
export async function profiled(browser, site, path, known, options) {
  const page = await open(browser, site, [path]);
  const pid = browser.process().pid;
  const mill = await page.evaluate((start) => harness.start(start), options);
  const memory = watch(pid);
  const cpu = seconds(pid);
  const found = await page.evaluate(async (name) => {
    const seen = [];
    const start = performance.now();
    const report = await globalThis.mill.profile(harness.file(name), {
      onProgress: (progress) => seen.push({ ...progress, at: performance.now() - start }),
    });
    return { report: report.json, seconds: (performance.now() - start) / 1000, seen };
  }, basename(path));
  const used = seconds(pid) - cpu;
  const { peak, samples } = memory.done();
  holds(JSON.parse(found.report), known);
  monotone(found.seen, known);
  const cancelled = await cancel(page, path, known);
  await page.evaluate(() => harness.stop());
  await page.close();
  return { mode: mill.mode, threads: mill.threads, seconds: found.seconds, cpu: used, peak, samples, steps: found.seen.length, cancelled };
}

function holds(report, known) {
  assert.equal(report.partial, false);
  assert.equal(report.input.bytes, known.bytes);
  assert.equal(report.rows.in, known.rows);
  assert.equal(report.rows.out, known.rows);
  const [id, group, amount, note] = report.columns;
  assert.equal(id.count, known.rows);
  assert.deepEqual([id.distinct.value, id.distinct.exact], [known.ids, true]);
  assert.equal(group.distinct.value, 8);
  assert.equal(amount.sum_exact, known.sum);
  assert.equal(amount.missing, known.missing);
  assert.equal(String(amount.max), known.max);
  assert.equal(note.count, known.rows);
}

function monotone(seen, known) {
  assert.ok(seen.length >= 10, `${seen.length} steps of progress`);
  for (const [index, { bytes, records, total }] of seen.entries()) {
    assert.equal(total, known.bytes);
    assert.ok(bytes <= known.bytes && records <= known.rows);
    if (index === 0) continue;
    assert.ok(bytes >= seen[index - 1].bytes, `${bytes} bytes after ${seen[index - 1].bytes}`);
    assert.ok(records >= seen[index - 1].records);
  }
}

/** Cancels a profile on its way; gives the seconds that it took to end. */
async function cancel(page, path, known) {
  const found = await page.evaluate(async (name) => {
    const stop = new AbortController();
    let asked;
    const report = await globalThis.mill.profile(harness.file(name), {
      signal: stop.signal,
      onProgress: ({ bytes, total }) => {
        if (asked !== undefined || bytes < total / 10) return;
        asked = performance.now();
        stop.abort();
      },
    });
    return { partial: report.partial, bytes: report.input.bytes, rows: report.rows, seconds: (performance.now() - asked) / 1000 };
  }, basename(path));
  assert.equal(found.partial, true);
  assert.ok(found.bytes < known.bytes, `${found.bytes} bytes were read after all`);
  assert.ok(found.rows.in > 0);
  assert.ok(found.seconds < 1, `cancelled within ${found.seconds} s`);
  return found.seconds;
}
