// The page in the program: `tidemill open FILE` in Chromium, and who else gets nothing of it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { corpus, root } from '../command.mjs';
import { launch } from '../browser/browsers.mjs';
import { reads } from './pages.mjs';

const program = process.env.TIDEMILL_OPEN ?? join(root, 'target/ci/tidemill');

async function started(...args) {
  const child = spawn(program, ['open', '--no-browser', ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [line] = await once(createInterface(child.stderr), 'line');
  const address = /http:\S+/.exec(line)?.[0];
  assert.ok(address, line);
  return { child, address };
}

test('tidemill open shows the file it was given, in threads, to one browser', { timeout: 120_000 }, async () => {
  const { child, address } = await started(join(corpus, 'flights.csv'));
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const foreign = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'blob:' && url.origin !== new URL(address).origin) foreign.push(request.url());
    });
    await page.goto(address);
    assert.equal(new URL(page.url()).search, '', 'the token does not stay in the address');
    await reads(page, /flights\.csv/);
    await reads(page, /5,026 rows read/);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    assert.deepEqual(foreign, []);
    // The address does not work a second time, and nothing works without the cookie.
    for (const at of [address, new URL('/', address).href, new URL('/file', address).href]) {
      assert.equal((await fetch(at)).status, 403, at);
    }
  } finally {
    await browser.close();
    child.kill();
  }
});
