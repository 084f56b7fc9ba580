// Every view, in both languages and both themes, on a desk and on a phone, by the rules of axe-core; and
// nothing is wider than the page.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { corpus, folder } from '../command.mjs';
import { launch } from '../browser/browsers.mjs';
import { schema } from './modules.mjs';
import { choose, host, open } from './pages.mjs';

const kinds = schema().$defs.Step.oneOf.length;

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const lesson = join(corpus, 'lesson.csv');
const dirty = join(folder(), 'dirty.csv');
writeFileSync(dirty, `${'a very long name of a column, '.repeat(4).replaceAll(',', ' ')},价格,empty\n${'a word '.repeat(40)},NA,\n 1,2,\nx,y\n`);

let browser;
let site;
before(async () => {
  browser = await launch('chromium');
  site = await host();
});
after(async () => {
  await browser?.close();
  await site?.close();
});

async function fits(page, what) {
  // The policy of the page lets no script in but its own, so this one comes through the debugger.
  await page.evaluate(`${axe}\n;0`);
  const found = await page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] });
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    return { wide, violations: violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html, any, all }) => `${html.slice(0, 160)} (${[...any, ...all].map(({ message }) => message).join('; ')})`).join(' | ')}`) };
  });
  assert.deepEqual(found.violations, [], what);
  assert.ok(found.wide <= 0, `${what} is ${found.wide} pixels wider than the page`);
}

/** Names of controls differ by language, so they are found by their place. */
const click = (page, selector, index = 0) =>
  page.evaluate(
    (wanted, at) => {
      const found = document.querySelectorAll(wanted)[at];
      if (!found) throw new Error(`no ${wanted} ${at}`);
      found.click();
    },
    selector,
    index,
  );

const set = (page, selector, value) =>
  page.$eval(
    selector,
    (element, text) => {
      element.value = text;
      element.dispatchEvent(new Event('input', { bubbles: true }));
      element.dispatchEvent(new Event('change', { bubbles: true }));
    },
    value,
  );

const there = (page, selector) => page.waitForSelector(selector, { timeout: 15_000 });
const done = (page) => page.waitForFunction(() => document.querySelector('.job progress') === null && document.querySelector('.scroll tbody td') !== null);
const steps = async (page) => {
  if (await page.$('#tab-steps')) await click(page, '#tab-steps');
};

for (const language of ['en', 'zh']) {
  for (const theme of ['light', 'dark']) {
    for (const width of [1280, 360]) {
      describe(`${language}, ${theme}, ${width} px`, () => {
        let page;
        before(async () => {
          page = await open(browser, site, { language, theme, width, height: 800, way: 'opfs' });
        });
        after(() => page?.close());
        const view = (name, prepare) =>
          test(name, async () => {
            await prepare();
            await fits(page, name);
          });

        view('start', async () => {
          assert.equal(await page.$eval('html', (element) => element.lang), language === 'zh' ? 'zh-Hans' : 'en');
        });
        view('a file that is none', async () => {
          const path = join(folder(), 'none.csv');
          writeFileSync(path, '');
          await choose(page, path);
          await there(page, '[role=alert]');
        });
        view('rows', async () => {
          await click(page, '[role=alert] button');
          await there(page, '.zone');
          await choose(page, dirty);
          await done(page);
          await there(page, '.aside');
        });
        view('columns', async () => {
          await click(page, '#tab-columns');
          await there(page, 'article');
        });
        view('a column', async () => {
          await click(page, 'article h3 button');
          await there(page, 'dialog[open]');
        });
        view('a step of each kind, its form open', async () => {
          await click(page, 'dialog header button');
          await click(page, '.another');
          await there(page, '.zone');
          await choose(page, lesson);
          await done(page);
          await steps(page);
          await there(page, '.add');
          const count = (await page.$$('.add button')).length;
          for (let at = 0; at < count; at += 1) {
            await click(page, '.add button', at);
            await there(page, '.form');
            if (at === 1) {
              await page.$eval('.form select', (select) => {
                select.value = '1';
                select.dispatchEvent(new Event('change', { bubbles: true }));
              });
              await there(page, '.form details');
            }
            if (at === 2 || at === 6) {
              await page.$eval('.form select', (select) => {
                select.value = '0';
                select.dispatchEvent(new Event('change', { bubbles: true }));
              });
              await there(page, '.form .entry');
            }
            await fits(page, `the form of step ${at + 1}`);
            // Ten kinds have forms made by hand and begin with something that runs; the others, made from the schema, may not.
            if (at >= 10 && at < count - 1) await page.$$eval('button.bare.icon', (buttons) => buttons.at(-1).click());
          }
          assert.equal(count, kinds);
        });
        view('a mistake at its step', async () => {
          await page.$$eval('button.bare.icon', (buttons) => buttons.at(-1).click());
          await click(page, '.add button', 4);
          await set(page, '.form textarea', 'colum2 > 3');
          await there(page, '.mistake');
        });
        view('what the steps change', async () => {
          await set(page, '.form textarea', 'column2 > 3');
          await page.waitForFunction(() => document.querySelector('.mistake') === null);
          await click(page, '#tab-rows');
          await there(page, '.changed');
        });
        view('take home', async () => {
          await click(page, '#tab-home');
          await there(page, '.go');
        });
        view('taken home', async () => {
          await click(page, '.go button');
          await there(page, '[data-accounts]');
          await click(page, 'details summary', (await page.$$('details summary')).length - 1);
        });
      });
    }
  }
}
