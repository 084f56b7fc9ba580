// The service worker that makes a page isolated on a host whose headers cannot be set.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { agrees, corpus, folder, profiled } from '../command.mjs';
import { pkg } from '../pack.mjs';
import { launch, open } from './browsers.mjs';
import { policy, serve } from './serve.mjs';

const lesson = join(corpus, 'lesson.csv');

describe('a host without headers', () => {
  const hosted = join(folder(), 'hosted');
  let browser;
  before(async () => {
    mkdirSync(hosted);
    cpSync(join(dirname(fileURLToPath(import.meta.url)), 'page'), hosted, { recursive: true });
    cpSync(join(pkg, 'dist/isolate-worker.js'), join(hosted, 'isolate-worker.js'));
    writeFileSync(join(hosted, 'useless.js'), '// A service worker that does nothing.\n');
    browser = await launch();
  });
  after(() => browser?.close());

  async function hosting(work, csp = policy) {
    const site = await serve({ '/': hosted, '/tidemill/': pkg }, { isolated: false, csp });
    try {
      const page = await open(browser, site, [lesson]);
      await work(page, site);
      await page.close();
    } finally {
      await site.close();
    }
  }

  async function isolate(page, script) {
    return page.evaluate((at) => import('/tidemill/dist/isolate.js').then((module) => module.isolate(at)), script);
  }

  /** Asks for isolation and waits for the page to come once more. */
  async function again(page, script) {
    await Promise.all([
      page.waitForNavigation(),
      page.evaluate((at) => {
        import('/tidemill/dist/isolate.js').then((module) => module.isolate(at));
      }, script),
    ]);
    await page.waitForFunction('globalThis.harness !== undefined');
  }

  async function works(page, mode) {
    const input = await page.$('input[type=file]');
    await input.uploadFile(lesson);
    await page.evaluate(() => harness.load('/tidemill/dist/cdn.js'));
    const mill = await page.evaluate(() => harness.start({ threads: 2 }));
    assert.equal(mill.mode, mode, mill.why);
    const [answer] = await page.evaluate(() => harness.jobs([{ file: 'lesson.csv' }]));
    agrees(answer, profiled(lesson), `profile by ${mode}`);
    await page.evaluate(() => harness.stop());
  }

  test('becomes isolated by one reload, and has threads', () =>
    hosting(async (page) => {
      assert.equal(await page.evaluate(() => crossOriginIsolated), false);
      await again(page, '/isolate-worker.js');
      assert.equal(await page.evaluate(() => crossOriginIsolated), true);
      assert.equal(await isolate(page, '/isolate-worker.js'), 'isolated');
      await works(page, 'threads');
    }));

  test('stays as it is where the service worker is missing', () =>
    hosting(async (page) => {
      assert.equal(await isolate(page, '/missing.js'), 'impossible');
      await works(page, 'instances');
    }));

  test('tries once, and not for ever', () =>
    hosting(async (page) => {
      await again(page, '/useless.js');
      assert.equal(await page.evaluate(() => crossOriginIsolated), false);
      assert.equal(await isolate(page, '/useless.js'), 'impossible');
      await works(page, 'instances');
    }));

  test('touches no answer of another origin', async () => {
    const other = await serve({}, {
      isolated: false,
      csp: '',
      meddle(path, response) {
        response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': '*', 'X-Own': 'kept' });
        response.end('elsewhere');
        return true;
      },
    });
    try {
      await hosting(async (page, site) => {
        await again(page, '/isolate-worker.js');
        const headers = (url) =>
          page.evaluate(async (at) => {
            const answer = await fetch(at);
            return ['x-own', 'cross-origin-embedder-policy', 'cross-origin-opener-policy'].map((name) => answer.headers.get(name));
          }, url);
        assert.deepEqual(await headers(`${other.origin}/a`), ['kept', null, null]);
        assert.deepEqual(await headers(`${site.origin}/icon.svg`), [null, 'require-corp', 'same-origin']);
      }, '');
    } finally {
      await other.close();
    }
  });
});
