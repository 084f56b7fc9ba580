// The pictures of the page in docs/: `just page-pictures`.
import { join } from 'node:path';
import { corpus, root } from '../command.mjs';
import { launch } from '../browser/browsers.mjs';
import { choose, host, open, pick, press, reads, tab, type } from './pages.mjs';

const site = await host();
const browser = await launch();

async function shown(page, name) {
  await page.evaluate(() => {
    document.activeElement?.blur();
    window.scrollTo(0, 0);
  });
  await page.screenshot({ path: join(root, 'docs', name) });
}

try {
  const desk = await open(browser, site, { width: 1280, height: 840 });
  await choose(desk, join(corpus, 'flights.csv'));
  await reads(desk, /5,026 rows read/);
  await press(desk, 'Set types', '.add');
  await pick(desk, 'Add a column', 'dep_delay', '.form');
  await press(desk, 'Fill gaps', '.add');
  await pick(desk, 'Add a column', 'air_time', '.form');
  await pick(desk, 'air_time: With', 'the mean', '.form');
  await press(desk, 'Filter rows', '.add');
  await type(desk, 'Keep rows for which', 'dep_delay > 0 or dep_delay is null', '.form');
  await reads(desk, /rows dropped/);
  await desk.click('[data-step]:nth-child(3) .edit');
  await tab(desk, 'columns');
  await shown(desk, 'page-columns.png');

  const dark = await open(browser, site, { width: 1280, height: 840, theme: 'dark', language: 'zh' });
  await choose(dark, join(corpus, 'lesson.csv'));
  await reads(dark, /已读 200 行/);
  await press(dark, '去除空白', '.add');
  await press(dark, '设定类型', '.add');
  await pick(dark, '添加一列', 'column2', '.form');
  await pick(dark, 'column2: 类型', '整数', '.form');
  await press(dark, '填补缺失', '.add');
  await pick(dark, '添加一列', 'column3', '.form');
  await press(dark, '重命名', '.add');
  await pick(dark, '添加一列', 'column1', '.form');
  await type(dark, 'column1: 新名称', '价格', '.form');
  await dark.click('[data-step]:nth-child(4) .edit');
  await reads(dark, /改动 26 个单元格[^]*→ 价格/);
  await tab(dark, 'rows');
  await shown(dark, 'page-rows-zh.png');
} finally {
  await browser.close();
  await site.close();
}
