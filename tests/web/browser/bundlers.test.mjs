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
import { launch, choose } from './browsers.mjs';
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
