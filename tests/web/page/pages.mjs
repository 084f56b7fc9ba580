// The built page in a browser, and how a visitor handles it.
import { createReadStream, mkdtempSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { folder, root } from '../command.mjs';
import { policy, serve } from '../browser/serve.mjs';

export const dist = process.env.TIDEMILL_PAGE ?? join(root, 'web/app/dist');
const bin = process.env.TIDEMILL_BIN ?? join(root, 'target/release/tidemill');

/** Serves the page under a path of its own, as a static host may. */
export async function host({ isolated = true, ...options } = {}) {
  const site = await serve({ '/some/where/': dist }, { isolated, csp: policy, ...options });
  return { ...site, address: `${site.origin}/some/where/` };
}

/**
 * Opens the page. `ways` says what the browser has: with `disk` the picker of files gives a file of the
 * browser's own storage, since nobody is there to choose one.
 */
export async function open(browser, site, { language = 'en', theme = 'light', width = 1280, height = 800, way = 'disk', wait = '.zone' } = {}) {
  const page = await browser.newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error.message));
  await page.setViewport({ width, height });
  await page.evaluateOnNewDocument(prepare, language, theme, way);
  await page.goto(site.address);
  await page.waitForSelector(wait);
  return page;
}

function prepare(language, theme, way) {
  // Blank pages and downloads have no storage.
  if (!location.protocol.startsWith('http')) return;
  localStorage.setItem('tidemill-language', language);
  localStorage.setItem('tidemill-theme', theme);
  delete window.showSaveFilePicker;
  if (way === 'disk') {
    window.showSaveFilePicker = async ({ suggestedName }) => {
      const storage = await navigator.storage.getDirectory();
      return storage.getFileHandle(suggestedName, { create: true });
    };
  }
  if (way === 'blob') {
    navigator.storage.getDirectory = () => Promise.reject(new DOMException('no storage', 'SecurityError'));
  }
  window.long = [];
  try {
    new PerformanceObserver((list) => window.long.push(...list.getEntries().map(({ duration, startTime }) => ({ duration, startTime })))).observe({ entryTypes: ['longtask'] });
  } catch {
    // This browser does not tell.
  }
}

/** Chooses a file as a visitor does. */
export async function choose(page, path) {
  const input = await page.$('input[type=file]');
  await input.uploadFile(path);
}

/** Drops a file on the page, by the browser's own protocol. */
export async function drop(page, path) {
  const session = await page.createCDPSession();
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop']) await session.send('Input.dispatchDragEvent', { type, x: 400, y: 300, data });
  await session.detach();
}

/** A control by its role and name, as a screen reader tells it. */
export async function control(page, name, within = 'body') {
  const handle = await page.waitForFunction(
    (wanted, scope) => {
      const named = (element) =>
        element.getAttribute('aria-label') ?? (element.labels?.length ? [...element.labels].map((label) => (label.querySelector('.label') ?? label).textContent.trim()).join(' ') : (element.textContent ?? '').trim());
      const all = [...document.querySelectorAll(scope)].flatMap((place) => [...place.querySelectorAll('button, input, select, textarea, summary')]);
      return all.find((element) => named(element) === wanted);
    },
    { timeout: 10_000 },
    name,
    within,
  );
  return handle.asElement();
}

export async function press(page, name, within) {
  const found = await control(page, name, within);
  await found.evaluate((element) => element.scrollIntoView({ block: 'center' }));
  await found.click();
}

/** Chooses an option by its text. */
export async function pick(page, name, option, within) {
  const found = await control(page, name, within);
  const value = await found.evaluate((select, text) => [...select.options].find((option) => option.textContent.trim() === text)?.value, option);
  if (value === undefined) throw new Error(`${name} has no option ${option}`);
  await found.select(value);
}

export async function type(page, name, text, within) {
  const found = await control(page, name, within);
  await found.evaluate((element) => {
    element.focus();
    element.select();
  });
  await page.keyboard.press('Backspace');
  await found.type(text);
}

export async function tab(page, name) {
  const id = `#tab-${name}`;
  await page.waitForSelector(id);
  await page.$eval(id, (element) => element.scrollIntoView({ block: 'center' }));
  await page.click(id);
  await page.waitForFunction((wanted) => document.querySelector(wanted)?.getAttribute('aria-selected') === 'true', {}, id);
}

/**
 * Watches from inside the page, since work may be over before a click from outside arrives: presses
 * `#tab-columns` if `look` says so, waits until all `wanted` were to be read, presses Cancel, and gives the
 * milliseconds until `stopped` is to be read.
 */
export const cancel = (page, { wanted = [], stopped, look = false }) =>
  page.evaluate(
    (patterns, last, columns) =>
      new Promise((resolve, reject) => {
        const left = patterns.map((source) => new RegExp(source));
        const end = new RegExp(last);
        const until = performance.now() + 60_000;
        let pressed;
        const turn = () => {
          const text = document.querySelector('main').textContent;
          const now = performance.now();
          for (const pattern of [...left]) if (pattern.test(text)) left.splice(left.indexOf(pattern), 1);
          const tab = document.querySelector('#tab-columns[aria-selected=false]');
          if (columns && tab) tab.click();
          const button = document.querySelector('.job:has(progress) .cancel:enabled');
          if (pressed === undefined && left.length === 0 && button) {
            pressed = now;
            button.click();
          }
          if (pressed !== undefined && end.test(text)) resolve(now - pressed);
          else if (now > until) reject(new Error(`never read: ${left.join(', ') || last}`));
          else setTimeout(turn, 10);
        };
        turn();
      }),
    wanted.map(({ source }) => source),
    stopped.source,
    look,
  );

export const text = (page, selector = 'main') => page.$eval(selector, (element) => element.innerText);

/** Waits until `pattern` is to be read in the page. */
export async function reads(page, pattern, { within = 'main', timeout = 30_000 } = {}) {
  try {
    await page.waitForFunction((source, flags, selector) => new RegExp(source, flags).test(document.querySelector(selector)?.innerText ?? ''), { timeout }, pattern.source, pattern.flags, within);
  } catch (error) {
    throw new Error(`${pattern} is not to be read in:\n${await text(page, within).catch(() => '')}`, { cause: error });
  }
}

/** The cells of the table of rows that are drawn: texts by row. */
export const cells = (page) =>
  page.$$eval('.scroll tbody tr:not([aria-hidden])', (rows) => rows.map((row) => [...row.querySelectorAll('td:not([aria-hidden])')].map((cell) => cell.innerText.trim())));

/** What was written to the file that the picker gave. */
export async function written(page, name) {
  const base64 = await page.evaluate(async (wanted) => {
    const storage = await navigator.storage.getDirectory();
    const file = await (await storage.getFileHandle(wanted)).getFile();
    const bytes = new Uint8Array(await file.arrayBuffer());
    let out = '';
    for (let at = 0; at < bytes.length; at += 32_768) out += String.fromCharCode(...bytes.subarray(at, at + 32_768));
    return btoa(out);
  }, name);
  return Buffer.from(base64, 'base64');
}

/** A folder for the downloads of a page. */
export async function downloads(page) {
  const path = mkdtempSync(join(folder(), 'downloads-'));
  const session = await page.browser().target().createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: path });
  return path;
}

/** The download called `name`, once it is whole. */
export async function downloaded(path, name) {
  for (let tries = 0; tries < 200; tries += 1) {
    if (readdirSync(path).includes(name)) return readFileSync(join(path, name));
    await sleep(50);
  }
  throw new Error(`${name} was not downloaded; there is ${readdirSync(path).join(', ') || 'nothing'}`);
}

/** Runs the command in a folder of its own, as "Copy as command" says it: what it wrote. */
export function commanded(recipe, file) {
  const path = mkdtempSync(join(folder(), 'run-'));
  writeFileSync(join(path, 'recipe.toml'), recipe);
  const run = spawnSync(bin, ['run', 'recipe.toml', file, '-o', 'out.csv', '--report', 'report.json', '--rejects', 'rejects.csv'], { cwd: path });
  if (run.status !== 0) throw new Error(run.stderr.toString());
  const read = (name) => (readdirSync(path).includes(name) ? readFileSync(join(path, name)) : undefined);
  return { rows: read('out.csv'), rejects: read('rejects.csv'), report: read('report.json') };
}

export async function digest(path) {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece);
  return hash.digest('hex');
}

/** The tasks of the page's own thread that took longest, in milliseconds, since `from`. */
export const longTasks = (page, from = 0) => page.evaluate((start) => window.long.filter(({ startTime }) => startTime >= start).map(({ duration }) => duration), from);

/** Bytes of all that the page's folder holds under `names`. */
export const sizeOf = (...names) => names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0);

export { basename, sleep };
