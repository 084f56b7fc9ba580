// A file of 300 MB goes through a tab whose memory does not grow with it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { folder } from '../command.mjs';
import { host, launch } from './browsers.mjs';
import { generate } from './generate.mjs';
import { profiled } from './large.mjs';

describe('300 MB', () => {
  const sites = {};
  let path;
  let known;
  before(async () => {
    path = join(folder(), 'large.csv');
    known = await generate(path, 300e6);
    for (const isolated of [true, false]) sites[isolated] = await host({ isolated });
  });
  after(async () => {
    for (const site of Object.values(sites)) await site.close();
  });

  for (const [isolated, mode] of [[true, 'threads'], [false, 'instances'], [false, 'plain']]) {
    test(mode, async (t) => {
      const browser = await launch();
      try {
        const found = await profiled(browser, sites[isolated], path, known, { threads: 2, mode });
        // Who held the file would hold 286 MiB beside the 150 and more that a tab and its workers have anyway.
        assert.ok(found.peak < 400, `the tab held ${found.peak.toFixed(0)} MiB`);
        t.diagnostic(
          `${mode}: ${(known.bytes / 1e6 / found.seconds).toFixed(0)} MB/s, at most ${found.peak.toFixed(0)} MiB, cancelled in ${(1000 * found.cancelled).toFixed(0)} ms`,
        );
      } finally {
        await browser.close();
      }
    });
  }
});
