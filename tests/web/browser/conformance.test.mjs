// In real browsers, with real files in a file input, the package gives the command's bytes: in every
// mode and over the whole corpus, under a policy without eval.
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { agrees, corpus, files as texts, packed, profiled, ran, recipes } from '../command.mjs';
import { host, launch, open } from './browsers.mjs';
import { webkit } from './webkit.mjs';

// What every file is put through, and what the command makes of it.
const files = [...texts, ...packed];
const jobs = files.flatMap((path) => [
  { file: basename(path), word: 'profile', expected: profiled(path) },
  ...Object.entries(recipes(path)).map(([word, recipe]) => ({ file: basename(path), word, recipe, expected: ran(recipe, path) })),
]);

const ways = [
  { isolated: true, start: { threads: 1, mode: 'threads' }, mode: 'threads' },
  { isolated: true, start: { threads: 2 }, mode: 'threads' },
  { isolated: true, start: { threads: 4 }, mode: 'threads' },
  { isolated: false, start: { threads: 2 }, mode: 'instances' },
  { isolated: true, start: { threads: 2, mode: 'instances' }, mode: 'instances' },
  { isolated: false, start: { mode: 'plain' }, mode: 'plain' },
];

function bytes(answer) {
  const of = (text) => (text === undefined ? undefined : Buffer.from(text, 'base64'));
  return answer.error ? answer : { report: answer.report, rows: of(answer.rows), rejects: of(answer.rejects) };
}

for (const name of ['chromium', 'firefox', 'webkit']) {
  describe(name, () => {
    const sites = {};
    let browser;
    before(async () => {
      for (const isolated of [true, false]) sites[isolated] = await host({ isolated });
      browser = await launch(name);
    });
    after(async () => {
      await browser?.close();
      for (const site of Object.values(sites)) await site.close();
    });

    for (const { isolated, start, mode } of ways) {
      const told = `${mode} ${start.threads ?? ''}`.trim();
      test(`${told} in ${isolated ? 'an isolated page' : 'any page'}`, async () => {
        const page = await open(browser, sites[isolated], files);
        try {
          const mill = await page.evaluate((options) => harness.start(options), start);
          assert.equal(mill.isolated, isolated);
          assert.equal(mill.mode, mode, mill.why);
          assert.equal(typeof mill.why, 'string');
          if (start.threads) assert.equal(mill.threads, start.threads);
          const answers = await page.evaluate(
            (list) => harness.jobs(list),
            jobs.map(({ file, recipe }) => ({ file, recipe })),
          );
          jobs.forEach(({ file, word, expected }, index) => agrees(bytes(answers[index]), expected, `${word} of ${file}, ${told}`));
          const done = answers.filter((answer) => answer.report).length;
          assert.ok(done > 3 * files.length, `${done} of ${jobs.length} gave a report`);
          await page.evaluate(() => harness.stop());
        } finally {
          await page.close();
        }
      });
    }
  });
}

test('an isolated page without shared memory, as WebKitGTK is delivered, takes instances', async () => {
  const site = await host({ isolated: true });
  const browser = await webkit();
  try {
    const path = join(corpus, 'lesson.csv');
    const page = await open(browser, site, [path]);
    const mill = await page.evaluate(() => harness.start({ threads: 2 }));
    assert.equal(mill.isolated, true);
    assert.equal(mill.mode, 'instances', mill.why);
    assert.notEqual(mill.why, '');
    const [answer] = await page.evaluate(() => harness.jobs([{ file: 'lesson.csv' }]));
    agrees(answer, profiled(path), 'profile of lesson.csv');
  } finally {
    await browser.close();
    await site.close();
  }
});
