// No data leave the page. Every request that the page and its workers make is watched in three
// places: by the browser, by the page's own server, and by a proxy that everything else has to pass.
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { corpus } from '../command.mjs';
import { host, launch, open } from './browsers.mjs';
import { policy, wall } from './serve.mjs';

const file = join(corpus, 'flights.csv');

describe('what is asked of the network', () => {
  let outside;
  let browser;
  let context;
  before(async () => {
    outside = await wall();
    browser = await launch();
    // The proxy is this context's own: what Chromium asks for by itself goes another way.
    context = await browser.createBrowserContext({ proxyServer: outside.address });
  });
  after(async () => {
    await browser?.close();
    await outside?.close();
  });

  /** Everything that a page asks for while `work` is done in it. */
  async function watched(options, work) {
    const site = await host(options);
    const from = outside.asked.length;
    const seen = [];
    try {
      const page = await open(context, site, [file]);
      page.on('request', (request) => seen.push(request.url()));
      await page.evaluate(work, basename(file));
      await page.close();
      return { site, seen, asked: outside.asked.slice(from) };
    } finally {
      await site.close();
    }
  }

  for (const [isolated, mode] of [[true, 'threads'], [false, 'instances'], [false, 'plain']]) {
    test(`${mode}: nothing but the package's own files, under the strict policy`, async () => {
      const { site, seen, asked } = await watched({ isolated }, new Function('name', `return (async () => {
        globalThis.broken = [];
        document.addEventListener('securitypolicyviolation', (event) => broken.push(event.violatedDirective + ' ' + event.blockedURI));
        await harness.start({ threads: 2, mode: '${mode}' });
        const recipe = 'tidemill = 1\\n[[step]]\\ntrim = ["*"]\\n';
        await mill.profile(harness.file(name));
        await mill.run(recipe, harness.file(name), { sink: 'blob' });
        await mill.preview(harness.file(name), { rows: 5 });
        for await (const batch of mill.rows(harness.file(name), { batch: 100 })) if (batch.length === 0) break;
        await harness.stop();
        if (broken.length > 0) throw new Error(broken.join(', '));
      })()`));
      assert.deepEqual(asked, [], 'nothing passes the proxy');
      for (const url of seen) assert.ok(url.startsWith(`${site.origin}/`) || url.startsWith(`blob:${site.origin}/`), url);
      for (const { method, path, url, bytes, status } of site.requests) {
        assert.equal(method, 'GET', url);
        assert.equal(bytes, 0, `${url} carries a body`);
        assert.ok(!url.includes('?'), url);
        assert.equal(status, 200, url);
        assert.ok(/^\/($|page\.js$|icon\.svg$|tidemill\/dist\/.+\.(js|wasm)$)/.test(path), path);
      }
      assert.equal(site.requests.filter(({ path }) => path.endsWith('.wasm')).length > 0, true);
      assert.ok(!site.requests.some(({ path }) => path.endsWith('unpack.wasm')), 'the module for packed files is not fetched for others');
    });
  }

  test('the module for packed files is fetched with the first of them', async () => {
    const packed = join(corpus, 'packed', 'members.csv.gz');
    const site = await host({ isolated: false });
    try {
      const page = await open(context, site, [packed]);
      const steps = await page.evaluate(async (name) => {
        await harness.start({ mode: 'plain' });
        const steps = [];
        await mill.profile(harness.file(name), { onProgress: ({ bytes, total }) => steps.push([bytes, total]) });
        await harness.stop();
        return steps;
      }, basename(packed));
      const size = statSync(packed).size;
      assert.deepEqual(steps.at(-1), [size, size], 'progress counts packed bytes');
      assert.equal(site.requests.filter(({ path }) => path.endsWith('unpack.wasm')).length, 1);
      await page.close();
    } finally {
      await site.close();
    }
  });

  test('what a worker asks elsewhere would be seen', async () => {
    const { asked } = await watched({ isolated: false, csp: '' }, () => {
      const source = "fetch('http://elsewhere.test/').catch(() => {}).then(() => postMessage(0))";
      const worker = new Worker(URL.createObjectURL(new Blob([source])));
      return new Promise((resolve) => {
        worker.onmessage = () => resolve();
      });
    });
    assert.deepEqual(asked, ['GET http://elsewhere.test/']);
  });

  test('the policy forbids eval and other origins', async () => {
    const site = await host({ isolated: false, csp: policy });
    try {
      const page = await context.newPage();
      await page.goto(`${site.origin}/`);
      await page.waitForFunction('globalThis.harness !== undefined');
      const broken = await page.evaluate(async () => {
        const seen = [];
        document.addEventListener('securitypolicyviolation', (event) => seen.push(event.effectiveDirective));
        const script = document.createElement('script');
        script.textContent = 'globalThis.ran = true';
        document.body.append(script);
        await fetch('http://elsewhere.test/').catch(() => {});
        await new Promise((resolve) => setTimeout(resolve, 50));
        return { seen, ran: globalThis.ran === true };
      });
      assert.deepEqual(broken, { seen: ['script-src-elem', 'connect-src'], ran: false });
      await page.close();
    } finally {
      await site.close();
    }
  });
});
