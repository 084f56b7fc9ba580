// The packed package in apps built by Vite and webpack, in Vite's development server, and in a page without a
// bundler; each in an isolated page and in any other.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { corpus, profiled, same } from '../command.mjs';
import { installed, pkg, tools } from '../pack.mjs';
import { choose, entry, host, launch } from './browsers.mjs';
import { serve } from './serve.mjs';

const file = join(corpus, 'flights.csv');
const require = createRequire(import.meta.url);

function vite(...args) {
  return [join(tools, 'vite/bin/vite.js'), ...args];
}

const apps = {
  vite() {
    const app = installed('vite');
    execFileSync(process.execPath, vite('build', '--logLevel', 'warn'), { cwd: app, stdio: 'inherit' });
    return join(app, 'dist');
  },
  async webpack() {
    const app = installed('webpack');
    const webpack = require('webpack');
    const stats = await new Promise((resolve, reject) => {
      webpack({ context: app, mode: 'production', entry: './main.js', performance: false, output: { path: join(app, 'dist'), filename: 'main.js' } }, (error, done) =>
        error ? reject(error) : resolve(done),
      );
    });
    assert.deepEqual(stats.toJson({ all: false, errors: true, warnings: true }), { ...stats.toJson({ all: false }), errors: [], warnings: [] });
    cpSync(join(app, 'index.html'), join(app, 'dist/index.html'));
    return join(app, 'dist');
  },
  page: () => installed('page'),
};

describe('the packed package', () => {
  const expected = profiled(file).report;
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser?.close());

  async function run(origin, options) {
    const page = await browser.newPage();
    const missed = [];
    page.on('response', (response) => {
      if (response.status() >= 400) missed.push(`${response.status()} ${response.url()}`);
    });
    page.on('pageerror', (error) => missed.push(error.message));
    try {
      await page.goto(`${origin}/`);
      await page.waitForFunction('globalThis.profile !== undefined');
      await choose(page, [file]);
      const found = await page.evaluate((start) => globalThis.profile(start), options);
      assert.deepEqual(missed.filter((line) => !line.endsWith('/favicon.ico')), []);
      return found;
    } finally {
      await page.close();
    }
  }

  for (const [name, build] of Object.entries(apps)) {
    describe(name, () => {
      let dist;
      before(async () => {
        dist = await build();
      });
      for (const [isolated, mode] of [[true, 'threads'], [false, 'instances'], [false, 'plain']]) {
        test(mode, async () => {
          const site = await serve({ '/': dist }, { isolated });
          try {
            const found = await run(site.origin, mode === 'plain' ? { mode } : { threads: 2 });
            assert.equal(found.mode, mode, found.why);
            same(found.json, expected, `${name}, ${mode}`);
          } finally {
            await site.close();
          }
        });
      }
    });
  }

  test("Vite's development server", async () => {
    const { createServer } = await import('vite');
    for (const [isolated, mode] of [[true, 'threads'], [false, 'instances']]) {
      const headers = isolated ? { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' } : {};
      const server = await createServer({ root: installed('vite'), logLevel: 'error', server: { host: '127.0.0.1', port: 0, headers }, optimizeDeps: { exclude: ['tidemill'] } });
      try {
        await server.listen();
        const found = await run(`http://127.0.0.1:${server.httpServer.address().port}`, { threads: 2 });
        assert.equal(found.mode, mode, found.why);
        same(found.json, expected, `Vite's server, ${mode}`);
      } finally {
        await server.close();
      }
    }
  });

  for (const [isolated, mode] of [[true, 'threads'], [false, 'instances']]) {
    test(`from another host than the page: ${mode}`, async () => {
      const other = await serve({ '/tidemill/': pkg }, {
        headers: { 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' },
      });
      // The policy that the package's README gives for this.
      const csp = `default-src 'self'; script-src 'self' 'wasm-unsafe-eval' ${other.origin}; worker-src 'self' blob: ${other.origin}; connect-src 'self' ${other.origin}`;
      const site = await host({ isolated, csp });
      try {
        const page = await browser.newPage();
        await page.goto(`${site.origin}/`);
        await page.waitForFunction('globalThis.harness !== undefined');
        await choose(page, [file]);
        await page.evaluate((at) => harness.load(at), new URL(entry(), `${other.origin}/tidemill/`).href);
        const mill = await page.evaluate(() => harness.start({ threads: 2 }));
        assert.equal(mill.mode, mode, mill.why);
        const [answer] = await page.evaluate(() => harness.jobs([{ file: 'flights.csv' }]));
        assert.equal(answer.error, undefined, JSON.stringify(answer.error));
        same(answer.report, expected, `from another host, ${mode}`);
        await page.close();
      } finally {
        await site.close();
        await other.close();
      }
    });
  }

  test('types: a program that uses them right compiles, in both ways of resolving', () => {
    const app = installed('types');
    for (const [module, resolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
      execFileSync(
        process.execPath,
        [join(pkg, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,dom,dom.iterable,dom.asynciterable',
          '--module', module, '--moduleResolution', resolution, '--types', '', 'main.ts'],
        { cwd: app, stdio: 'inherit' },
      );
    }
  });
});
