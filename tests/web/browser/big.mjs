// A file of 6 GB, profiled to its last byte in a tab of Chromium that stays under 512 MB, and cancelled.
//
// node tests/web/browser/big.mjs [GB]
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { host, launch } from './browsers.mjs';
import { generate } from './generate.mjs';
import { profiled } from './large.mjs';

const size = Number(process.argv[2] ?? 6) * 1e9;
const scratch = mkdtempSync(join(tmpdir(), 'tidemill-big-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const path = join(scratch, 'big.csv');
console.log(`writing ${size / 1e9} GB ...`);
const known = await generate(path, size);

for (const [isolated, mode] of [[true, 'threads'], [false, 'instances']]) {
  const site = await host({ isolated });
  const browser = await launch();
  try {
    const found = await profiled(browser, site, path, known, { threads: 2, mode });
    assert.equal(found.mode, mode);
    console.log(
      [
        `${mode}, ${found.threads} threads: ${known.bytes} bytes, ${known.rows} rows`,
        `${found.seconds.toFixed(1)} s, ${(known.bytes / 1e6 / found.seconds).toFixed(0)} MB/s, ${found.cpu.toFixed(1)} CPU s`,
        `the tab held at most ${found.peak.toFixed(0)} MiB (${found.samples} samples); ${found.steps} steps of progress; cancelled in ${(1000 * found.cancelled).toFixed(0)} ms`,
      ].join('\n  '),
    );
    assert.ok(found.peak * 1.048576 < 512, 'the tab held more than 512 MB');
  } finally {
    await browser.close();
    await site.close();
  }
}
