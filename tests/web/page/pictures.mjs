// The pictures of the page in docs/: `just page-pictures`.
import { join } from 'node:path';
import { corpus, root } from '../command.mjs';
import { launch } from '../browser/browsers.mjs';
import { choose, host, open, pick, press, reads, tab, type } from './pages.mjs';

const site = await host();
const browser = await launch('chromium', { args: ['--force-device-scale-factor=1'] });

/** The flights with a few steps. */
async function prepared(options) {
  const page = await open(browser, site, options);
  await choose(page, join(corpus, 'flights.csv'));
  return page;
}

try {
  const desk = await prepared({ width: 1280, height: 840 });
  await reads(desk, /5,026 rows read/);
  await press(desk, 'Set types', '.add');
  await pick(desk, 'Add a column', 'dep_delay', '.form');
  await press(desk, 'Fill gaps', '.add');
  await pick(desk, 'Add a column', 'dep_time', '.form');
  await press(desk, 'Filter rows', '.add');
  await type(desk, 'Keep rows for which', "dep_delay > 0 or dep_delay is null", '.form');
  await reads(desk, /rows dropped/);
  await desk.click('[data-step]:nth-child(3) .edit');
  await tab(desk, 'columns');
  await desk.evaluate(() => window.scrollTo(0, 0));
  await desk.screenshot({ path: join(root, 'docs/page-columns.png') });

  const dark = await prepared({ width: 1280, height: 840, theme: 'dark', language: 'zh' });
  await reads(dark, /已读 5,026 行/);
  await press(dark, '设定类型', '.add');
  await pick(dark, '添加一列', 'dep_delay', '.form');
  await press(dark, '填补缺失', '.add');
  await pick(dark, '添加一列', 'air_time', '.form');
  await press(dark, '筛选行', '.add');
  await type(dark, '保留满足条件的行', 'dep_delay > 0', '.form');
  await reads(dark, /去掉/);
  await dark.click('[data-step]:nth-child(3) .edit');
  await tab(dark, 'rows');
  await dark.evaluate(() => window.scrollTo(0, 0));
  await dark.screenshot({ path: join(root, 'docs/page-rows-zh.png') });
} finally {
  await browser.close();
  await site.close();
}
