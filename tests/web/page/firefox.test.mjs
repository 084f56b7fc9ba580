// The page in Firefox, which cannot write to a folder: rows go through its own storage.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { corpus } from '../command.mjs';
import { launch } from '../browser/browsers.mjs';
import { choose, commanded, host, open, pick, press, reads, tab, text, type } from './pages.mjs';

test('a file is seen, cleaned and taken home in Firefox', { timeout: 180_000 }, async () => {
  const flights = join(corpus, 'flights.csv');
  const site = await host();
  const browser = await launch('firefox');
  try {
    const page = await open(browser, site, { way: 'opfs' });
    await choose(page, flights);
    await reads(page, /5,026 rows read/);
    await tab(page, 'columns');
    await reads(page, /130 missing/);
    await press(page, 'Set types', '.add');
    await pick(page, 'Add a column', 'arr_delay', '.form');
    await pick(page, 'arr_delay: Type', 'number', '.form');
    await press(page, 'Filter rows', '.add');
    await type(page, 'Keep rows for which', 'arr_delay > 30', '.form');
    await reads(page, /rows dropped/);
    await tab(page, 'home');
    await press(page, 'Clean and save');
    await reads(page, /Download flights\.clean\.csv/);
    // A download has no place to be looked for here, so its bytes are caught on their way.
    const written = await page.evaluate(async () => {
      const make = URL.createObjectURL;
      const caught = new Promise((resolve) => {
        URL.createObjectURL = (blob) => {
          resolve(blob.text());
          return make.call(URL, blob);
        };
      });
      [...document.querySelectorAll('.files button')].at(0).click();
      const rows = await caught;
      URL.createObjectURL = make;
      return rows;
    });
    const recipe = await page.$eval('pre.recipe', (element) => element.textContent);
    const expected = commanded(recipe, flights);
    assert.equal(written, expected.rows.toString());
    const { rows } = JSON.parse(expected.report);
    assert.match(await text(page, '.accounts'), new RegExp(rows.out.toLocaleString('en')));
    assert.deepEqual(page.errors, []);
  } finally {
    await browser.close();
    await site.close();
  }
});
