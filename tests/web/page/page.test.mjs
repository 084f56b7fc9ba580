// The page as its visitors use it, in Chromium. What it gives is held against the command.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { corpus, folder } from '../command.mjs';
import { launch } from '../browser/browsers.mjs';
import { generate } from '../browser/generate.mjs';
import { wall } from '../browser/serve.mjs';
import { cancel, cells, choose, commanded, control, dist, downloaded, downloads, drop, host, longTasks, open, pick, press, reads, sleep, tab, text, type, written } from './pages.mjs';

const flights = join(corpus, 'flights.csv');
const lesson = join(corpus, 'lesson.csv');
const big = join(folder(), 'big.csv');

let browser;
let site;
let outside;
before(async () => {
  await generate(big, 300e6);
  outside = await wall();
  // Chromium itself asks its maker what fields of forms may be called, whatever page they are on.
  browser = await launch('chromium', { args: [`--proxy-server=${outside.address}`, '--disable-features=AutofillServerCommunication'] });
  site = await host();
});
after(async () => {
  await browser?.close();
  await site?.close();
  await outside?.close();
});

/** A page for `work`, and no error in it. */
async function visit(options, work, at = site) {
  const page = await open(browser, at, options);
  try {
    await work(page);
    assert.deepEqual(page.errors, []);
  } finally {
    await page.close();
  }
}

/** What the page says of the rows: in, added, out, set aside, filtered, deduplicated. */
const accounts = (page) => page.$eval('[data-accounts]', (element) => element.dataset.accounts.split(' ').map(Number));

const recipeText = (page) => page.$eval('pre.recipe', (element) => element.textContent);

/** Steps that touch the flights in many ways, by the forms. */
async function clean(page) {
  await press(page, 'Trim', '.add');
  await press(page, 'Set types', '.add');
  await pick(page, 'Add a column', 'dep_delay', '.form');
  await pick(page, 'dep_delay: Type', 'integer', '.form');
  await pick(page, 'Add a column', 'arr_delay', '.form');
  await pick(page, 'A cell that does not fit', 'becomes empty', '.form');
  await press(page, 'Fill gaps', '.add');
  await pick(page, 'Add a column', 'dep_delay', '.form');
  await pick(page, 'dep_delay: With', 'the number', '.form');
  await type(page, 'dep_delay: Value', '7', '.form');
  await press(page, 'Drop missing', '.add');
  await press(page, 'These', '.form').catch(() => {});
  await type(page, 'Find a column, or type a pattern such as *_date', 'arr_time', '.form');
  await page.keyboard.press('Enter');
  await press(page, 'Filter rows', '.add');
  await type(page, 'Keep rows for which', "distance > 500 and carrier <> 'UA'", '.form');
  await press(page, 'Rename', '.add');
  await pick(page, 'Add a column', 'dest', '.form');
  await type(page, 'dest: New name', 'to where', '.form');
  await press(page, 'Drop columns', '.add');
  await type(page, 'Find a column, or type a pattern such as *_date', 'sched_*', '.form');
  await page.keyboard.press('Enter');
}

describe('flights', () => {
  test('dropped, profiled, cleaned and taken home are the bytes of the command', (t) =>
    visit({}, async (page) => {
      assert.match(await text(page, 'header'), /Nothing leaves this machine/);
      const start = performance.now();
      await drop(page, flights);
      await page.waitForSelector('.scroll tbody td');
      const seen = performance.now() - start;
      await reads(page, /5,026 rows read/);
      t.diagnostic(`first rows after ${seen.toFixed(0)} ms`);
      assert.ok(seen < 5000, `first rows after ${seen} ms`);
      assert.deepEqual((await cells(page))[0].slice(0, 4), ['2013', '1', '1', '659']);
      assert.match(await text(page, '.bar'), /Comma[^]*First line[^]*UTF-8/);

      await tab(page, 'columns');
      await reads(page, /19 columns/);
      assert.match(await text(page, 'article[aria-label="dep_delay"]'), /130 missing \(2\.6%\)/);
      await clean(page);
      await tab(page, 'rows');
      await reads(page, /rows dropped/);
      const header = await page.$$eval('.scroll thead th .name', (names) => names.map((name) => name.textContent));
      assert.ok(!header.includes('sched_dep_time'), header.join());
      assert.ok(await page.$('.changed'), 'a change is to be seen');

      await tab(page, 'home');
      await press(page, 'Clean and save');
      await reads(page, /flights\.clean\.csv is written/);
      const recipe = await recipeText(page);
      const expected = commanded(recipe, flights);
      assert.ok((await written(page, 'flights.clean.csv')).equals(expected.rows), recipe);
      const { rows } = JSON.parse(expected.report);
      assert.deepEqual(await accounts(page), [rows.in, rows.added, rows.out, rows.rejected, rows.filtered, rows.deduplicated]);
      assert.ok(rows.filtered > 100 && rows.out > 100, JSON.stringify(rows));
      assert.match(await text(page, '.command'), /tidemill run flights\.recipe\.toml flights\.csv -o flights\.clean\.csv/);
      for (const word of ['trim', 'cast', 'fill', 'drop_missing', 'filter', 'rename', 'drop']) assert.match(recipe, new RegExp(`^${word} = `, 'm'));
    }));

  for (const way of ['opfs', 'blob']) {
    test(`downloaded (${way}), with the rows set aside, the recipe and the report`, () =>
      visit({ way }, async (page) => {
        const folder = await downloads(page);
        await choose(page, flights);
        await reads(page, /5,026 rows read/);
        await press(page, 'Set types', '.add');
        await pick(page, 'Add a column', 'tailnum', '.form');
        await pick(page, 'tailnum: Type', 'date', '.form');
        await pick(page, 'Add a column', 'dep_delay', '.form');
        await reads(page, /rows set aside/);
        await press(page, 'Take tailnum out', '.form');
        await pick(page, 'dep_delay: Type', 'yes/no', '.form');
        await tab(page, 'home');
        assert.match(await text(page), way === 'opfs' ? /its own storage first \([\d.,]+ GB free\)/ : /at most 2 GB/);
        await press(page, 'Clean and save');
        await press(page, 'Download flights.clean.csv');
        await press(page, 'flights.clean.csv.rejects.csv');
        await press(page, 'flights.recipe.toml');
        await press(page, 'flights.report.json');
        const recipe = (await downloaded(folder, 'flights.recipe.toml')).toString();
        const expected = commanded(recipe, flights);
        assert.ok((await downloaded(folder, 'flights.clean.csv')).equals(expected.rows));
        assert.ok((await downloaded(folder, 'flights.clean.csv.rejects.csv')).equals(expected.rejects));
        assert.ok((await downloaded(folder, 'flights.report.json')).equals(expected.report));
        const [, , out, aside] = await accounts(page);
        assert.ok(out > 0 && aside > 100, `${out} out, ${aside} set aside`);
      }));
  }

  test('an example is a click away', () =>
    visit({}, async (page) => {
      await press(page, (await page.$eval('.examples li:first-child button', (element) => element.textContent)).trim());
      await reads(page, /200 rows read, 3 kB/);
    }));
});

describe('how a file is read', () => {
  test('is changed by a click, and the rows follow', () =>
    visit({}, async (page) => {
      const path = join(folder(), 'semicolons.csv');
      writeFileSync(path, 'a;b,c\n1;2,3\n4;5,6\n');
      await choose(page, path);
      await reads(page, /2 rows read/);
      const header = () => page.$$eval('.scroll thead th .name', (names) => names.map((name) => name.textContent));
      const [first, other] = (await header()).includes('b,c') ? ['Semicolon', 'Comma'] : ['Comma', 'Semicolon'];
      await press(page, other, '.bar');
      await page.waitForFunction((names) => JSON.stringify([...document.querySelectorAll('.scroll thead th .name')].map((name) => name.textContent)) === names, {}, JSON.stringify(other === 'Comma' ? ['a;b', 'c'] : ['a', 'b,c']));
      await press(page, 'None', '.bar');
      await reads(page, /column1/);
      await reads(page, /3 rows read/);
      await press(page, 'Back to what was detected');
      await reads(page, /2 rows read/);
      assert.deepEqual(await header(), first === 'Comma' ? ['a;b', 'c'] : ['a', 'b,c']);
    }));
});

describe('a file in another encoding', () => {
  test('is read, and read otherwise by a click', () =>
    visit({}, async (page) => {
      const path = join(folder(), 'gbk.csv');
      // 城市,人口 and 北京,2189 in GBK, thirty times.
      const row = Buffer.from([0xb1, 0xb1, 0xbe, 0xa9, 0x2c, 0x32, 0x31, 0x38, 0x39, 0x0a]);
      writeFileSync(path, Buffer.concat([Buffer.from([0xb3, 0xc7, 0xca, 0xd0, 0x2c, 0xc8, 0xcb, 0xbf, 0xda, 0x0a]), ...Array.from({ length: 30 }, () => row)]));
      await choose(page, path);
      await reads(page, /30 rows read/);
      await press(page, 'CP1252', '.bar');
      await reads(page, /±±¾©/);
      await press(page, 'GB18030', '.bar');
      await reads(page, /城市[^]*北京/);
      await reads(page, /30 rows read/);
      await press(page, 'Trim', '.add');
      await tab(page, 'home');
      await press(page, 'Clean and save');
      await reads(page, /csv is written/);
      const recipe = await recipeText(page);
      assert.match(recipe, /encoding = "gb18030"/);
      assert.ok((await written(page, 'gbk.clean.csv')).equals(commanded(recipe, path).rows), recipe);
    }));
});

describe('a file with a title above and a total below', () => {
  test('is read as the saved recipe reads it', () =>
    visit({}, async (page) => {
      const path = join(folder(), 'titled.csv');
      const rows = Array.from({ length: 30 }, (_, at) => `${at};${at * 3};row ${at}`).join('\n');
      writeFileSync(path, `Sales of the year\n\n# made by hand\nid;amount;note\n${rows}\n`);
      await choose(page, path);
      await reads(page, /30 rows read/);
      await press(page, 'Trim', '.add');
      await tab(page, 'home');
      await press(page, 'Clean and save');
      await reads(page, /csv is written/);
      const recipe = await recipeText(page);
      assert.match(recipe, /skip_rows = [1-9]/);
      assert.ok((await written(page, 'titled.clean.csv')).equals(commanded(recipe, path).rows), recipe);
    }));
});

describe('steps', () => {
  test('by keyboard alone: added, moved, switched off, removed, undone', () =>
    visit({}, async (page) => {
      await choose(page, lesson);
      await reads(page, /200 rows read/);
      const order = () => page.$$eval('[data-step] .name', (names) => names.map((name) => name.textContent.trim()));
      const enter = async (name, within) => {
        const found = await control(page, name, within);
        await found.focus();
        await page.keyboard.press('Enter');
      };
      await enter('Trim', '.add');
      await enter('First rows', '.add');
      assert.deepEqual(await order(), ['1 Trim', '2 First rows']);
      await enter('Move First rows up');
      await page.waitForFunction(() => document.querySelector('[data-step] .name').textContent.includes('First rows'));
      assert.deepEqual(await order(), ['1 First rows', '2 Trim']);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), 'Move First rows down', 'the focus stays with the step');
      await reads(page, /is now step 1/, { within: '[role=status]' });
      await (await control(page, 'Trim is on')).focus();
      await page.keyboard.press('Space');
      await page.waitForSelector('article.off');
      await enter('Remove First rows');
      assert.deepEqual(await order(), ['1 Trim']);
      await page.keyboard.down('Control');
      await page.keyboard.press('z');
      await page.keyboard.up('Control');
      assert.deepEqual(await order(), ['1 First rows', '2 Trim']);
      for (let times = 0; times < 4; times += 1) await enter('Undo');
      assert.deepEqual(await order(), []);
      for (let times = 0; times < 4; times += 1) await enter('Redo');
      assert.deepEqual(await order(), ['1 First rows', '2 Trim']);
      await tab(page, 'home');
      assert.match(await recipeText(page), /limit = 1000\n\n\[\[step\]\]\ntrim = \["\*"\]\noff = true\n/);
    }));

  test('a mistake is told at its step, with its hint', () =>
    visit({}, async (page) => {
      await choose(page, lesson);
      await reads(page, /200 rows read/);
      await press(page, 'Rename', '.add');
      await press(page, 'Trim', '.add');
      await press(page, 'Filter rows', '.add');
      await type(page, 'Keep rows for which', 'colum2 > 20', '.form');
      await page.waitForSelector('[data-step]:nth-child(3) .mistake');
      assert.match(await text(page, '[data-step]:nth-child(3) .mistake'), /unknown column "colum2"[^]*hint did you mean "column2"\?/);
      assert.equal((await page.$$('.mistake')).length, 1);
      await reads(page, /those of the last recipe that worked/);
      await tab(page, 'home');
      assert.equal(await (await control(page, 'Clean and save')).evaluate((element) => element.disabled), true);
      await type(page, 'Keep rows for which', 'column2 > 20', '.form');
      await page.waitForFunction(() => document.querySelector('.mistake') === null);
      assert.equal(await (await control(page, 'Clean and save')).evaluate((element) => element.disabled), false);
    }));

  test('a recipe is dropped before its file or after it', () =>
    visit({}, async (page) => {
      const path = join(folder(), 'later.toml');
      writeFileSync(path, readFileSync(join(corpus, '../../examples/flights.toml')));
      await drop(page, path);
      await reads(page, /later\.toml is ready/);
      await drop(page, flights);
      await reads(page, /5,026 rows read/);
      await reads(page, /The recipe also has 1 reduction/);
      await tab(page, 'home');
      await press(page, 'Clean and save');
      await reads(page, /csv is written/);
      await reads(page, /delays[^]*departure/);
      const expected = commanded(await recipeText(page), flights);
      assert.ok((await written(page, 'flights.clean.csv')).equals(expected.rows));
      const shown = await page.$$eval('[aria-label="Reductions: delays"] tbody tr', (rows) => rows.length);
      assert.equal(shown, JSON.parse(expected.report).reductions.delays.rows.length);
    }));
});

describe('300 MB', () => {
  test('are read without a long task, cancelled at once, and taken home', { timeout: 300_000 }, (t) =>
    visit({}, async (page) => {
      const from = await page.evaluate(() => performance.now());
      const wanted = [/MB of 301 MB[^]*MB\/s/, /left/, /\d+ cores?/, /So far from the first [\d,]+ rows/];
      const cancelled = cancel(page, { wanted, stopped: /Stopped after [\d,]+ rows/, look: true });
      await choose(page, big);
      const stopped = await cancelled;
      assert.ok(stopped < 2000, `stopped after ${stopped} ms`);
      await press(page, 'Read it all');
      await reads(page, /[\d,]+ rows read, 301/, { timeout: 120_000 });
      const long = await longTasks(page, from);
      t.diagnostic(`stopped after ${stopped.toFixed(0)} ms; the longest task took ${Math.max(0, ...long).toFixed(0)} ms`);
      assert.ok(long.every((ms) => ms <= 100), `long tasks of ${long.map(Math.round).join(', ')} ms`);

      await press(page, 'Filter rows', '.add');
      await type(page, 'Keep rows for which', "id < 40 or \"group\" = 'end'", '.form');
      await reads(page, /rows dropped/);
      await tab(page, 'home');
      const halted = cancel(page, { stopped: /Stopped\. Nothing was written/ });
      await press(page, 'Clean and save');
      await halted;
      await press(page, 'Clean and save');
      await reads(page, /big\.clean\.csv is written/, { timeout: 120_000 });
      assert.ok((await written(page, 'big.clean.csv')).equals(commanded(await recipeText(page), big).rows));
    }));

  test('that are cut short while they are read are told of, and the page goes on', { timeout: 120_000 }, () =>
    visit({}, async (page) => {
      const path = join(folder(), 'going.csv');
      copyFileSync(big, path);
      await page.exposeFunction('cut', () => truncateSync(path, 100e6));
      // From inside the page, since reading may be over before a word from outside arrives.
      const cut = page.evaluate(
        () =>
          new Promise((resolve) => {
            const look = () => {
              if (/MB of 301 MB/.test(document.querySelector('main').textContent)) resolve(window.cut());
              else setTimeout(look, 10);
            };
            look();
          }),
      );
      await choose(page, path);
      await cut;
      await reads(page, /The file cannot be read any more/);
      await press(page, 'Another file');
      await choose(page, lesson);
      await reads(page, /200 rows read/);
    }));
});

test('a file that was removed is told of when it is needed', () =>
  visit({}, async (page) => {
    const path = join(folder(), 'gone.csv');
    copyFileSync(lesson, path);
    await choose(page, path);
    await reads(page, /200 rows read/);
    rmSync(path);
    await press(page, 'None', '.bar');
    await reads(page, /The file cannot be read any more[^]*Choose it again/);
  }));

describe('files that are none', () => {
  const broken = {
    'picture.csv': [Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), /cannot be read as a table/],
    'empty.csv': [Buffer.alloc(0), /cannot be read as a table/],
    'cut.csv': [gzipSync('a,b\n1,2\n').subarray(0, 20), /gzip data that are cut off/],
  };
  for (const [name, [bytes, pattern]] of Object.entries(broken)) {
    test(name, () =>
      visit({}, async (page) => {
        const path = join(folder(), name);
        writeFileSync(path, bytes);
        await choose(page, path);
        await reads(page, pattern);
        await press(page, 'Dismiss');
        await page.waitForSelector('.zone');
      }));
  }

  test('a broken file: its rows are set aside with their places', () =>
    visit({}, async (page) => {
      const path = join(folder(), 'ragged.csv');
      writeFileSync(path, 'a,b\n1,2\n3\n4,5,6\n7,"8\n');
      await choose(page, path);
      await reads(page, /3 rows set aside/);
      await tab(page, 'home');
      await press(page, 'Clean and save');
      await reads(page, /csv is written/);
      assert.deepEqual(await accounts(page), [4, 0, 1, 3, 0, 0]);
    }));

  test('something that is no recipe', () =>
    visit({}, async (page) => {
      const path = join(folder(), 'wrong.toml');
      writeFileSync(path, 'tidemill = = 1\n');
      await choose(page, path);
      await reads(page, /wrong\.toml is not a recipe/);
    }));
});

describe('a host that does not isolate', () => {
  test('and has no service worker: each worker has its own memory, and the bytes are the same', async () => {
    const plain = await host({
      isolated: false,
      meddle(path, response) {
        if (!path.endsWith('isolate-worker.js')) return false;
        response.writeHead(404).end();
        return true;
      },
    });
    try {
      await visit({}, async (page) => {
        assert.equal(await page.evaluate(() => crossOriginIsolated), false);
        await choose(page, flights);
        await reads(page, /5,026 rows read/);
        await page.click('.cores summary');
        await reads(page, /does not isolate it/);
        await press(page, 'Trim', '.add');
        await tab(page, 'home');
        await press(page, 'Clean and save');
        await reads(page, /csv is written/);
        assert.ok((await written(page, 'flights.clean.csv')).equals(commanded(await recipeText(page), flights).rows));
      }, plain);
    } finally {
      await plain.close();
    }
  });

  test('is isolated by the service worker', async () => {
    const plain = await host({ isolated: false });
    try {
      const page = await open(browser, plain);
      await page.waitForFunction(() => crossOriginIsolated && document.querySelector('.zone'), { timeout: 15_000 });
      await choose(page, lesson);
      await reads(page, /200 rows read/);
      await page.click('.cores summary');
      await reads(page, /They share memory|one core to offer/);
      await page.close();
    } finally {
      await plain.close();
    }
  });
});

test('nothing leaves the machine, and what comes is small', async (t) => {
  const own = await host();
  const from = outside.asked.length;
  try {
    const page = await open(browser, own);
    const seen = [];
    page.on('request', (request) => seen.push(request.url()));
    await choose(page, flights);
    await reads(page, /5,026 rows read/);
    const first = own.requests.map(({ path }) => path);
    await press(page, 'Trim', '.add');
    await tab(page, 'home');
    await press(page, 'Clean and save');
    await reads(page, /csv is written/);
    await page.close();
    assert.deepEqual(outside.asked.slice(from), [], 'something was asked of another host');
    for (const { method, url, bytes } of own.requests) assert.deepEqual([method, bytes, url.includes('?')], ['GET', 0, false], url);
    for (const url of seen) assert.ok(url.startsWith(own.address) || url.startsWith('blob:'), url);
    const files = [...new Set(first)].map((path) => path.replace('/some/where/', '') || 'index.html');
    assert.equal(files.filter((name) => name.endsWith('.wasm')).length, 1, files.join());
    const bytes = files.reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, name)), { level: 9 }).length, 0);
    t.diagnostic(`the first load is ${bytes} bytes gzipped: ${files.map((name) => basename(name)).join(', ')}`);
    assert.ok(bytes < 1e6, `${bytes} bytes`);
  } finally {
    await own.close();
  }
});

test('2,000 columns stay usable', () =>
  visit({}, async (page) => {
    const path = join(folder(), 'wide.csv');
    const names = Array.from({ length: 2000 }, (_, at) => `column_${at}`);
    const row = (at) => names.map((_, column) => (at * column) % 97).join(',');
    writeFileSync(path, `${names.join(',')}\n${Array.from({ length: 300 }, (_, at) => row(at)).join('\n')}\n`);
    await choose(page, path);
    await reads(page, /300 rows read/);
    assert.ok((await page.$$('.scroll td')).length < 2500);
    await page.$eval('.scroll', (element) => element.scrollTo(element.scrollWidth, 0));
    await reads(page, /column_1999/);
    await tab(page, 'columns');
    await reads(page, /2,000 columns/);
    assert.ok((await page.$$('article')).length < 40);
    await page.evaluate(() => window.scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForSelector('article[aria-label="column_1999"]');
    await type(page, 'Search columns', 'column_1234');
    await reads(page, /1 of 2,000 columns/);
    await press(page, 'All figures of column_1234');
    await page.waitForSelector('dialog[open]');
  }));
