// Browsers as Debian ships them. Puppeteer-core drives Chromium by its own protocol and Firefox by
// WebDriver BiDi; WebKit has a driver here.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import { pkg } from '../pack.mjs';
import { serve } from './serve.mjs';
import { webkit } from './webkit.mjs';

const here = dirname(fileURLToPath(import.meta.url));

const switches = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts `chromium`, `firefox` or `webkit`. */
export async function launch(name = 'chromium', { args = [] } = {}) {
  // WebKitGTK is delivered with shared memory off, isolated or not; Safari has it on.
  if (name === 'webkit') return webkit({ env: { JSC_useSharedArrayBuffer: '1' } });
  if (name === 'firefox') {
    return puppeteer.launch({
      browser: 'firefox',
      executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr',
      headless: true,
      protocolTimeout: 900_000,
    });
  }
  return puppeteer.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    protocolTimeout: 900_000,
    args: [...switches, ...args],
  });
}

/** The path of the package's entry for pages without a bundler. */
export function entry() {
  const target = JSON.parse(readFileSync(join(pkg, 'package.json'), 'utf8')).exports['./cdn'];
  return typeof target === 'string' ? target : target.default;
}

/** Serves the test page at `/` and the package at `/tidemill/`. */
export function host(options) {
  return serve({ '/': join(here, 'page'), '/tidemill/': pkg }, options);
}

/** The test page with the package loaded and `paths` chosen in its file input. */
export async function open(browser, site, paths = []) {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(`page: ${error.message}`));
  await page.goto(`${site.origin}/`);
  await page.waitForFunction('globalThis.harness !== undefined');
  if (paths.length > 0) await choose(page, paths);
  await page.evaluate((at) => harness.load(at), new URL(entry(), `${site.origin}/tidemill/`).pathname);
  return page;
}

/** Chooses files as a visitor does. */
export async function choose(page, paths) {
  const input = await page.$('input[type=file]');
  await input.uploadFile(...paths);
}
