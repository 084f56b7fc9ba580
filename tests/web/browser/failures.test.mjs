// What goes wrong in a page gives its own clear error, or works another way; the next job on the same
// mill gives the command's bytes.
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { agrees, corpus, folder, ran, recipes } from '../command.mjs';
import { host, launch, open } from './browsers.mjs';
import { generate } from './generate.mjs';

const lesson = join(corpus, 'lesson.csv');
const { quickstart, cast } = recipes(lesson);
const copy = 'tidemill = 1\n';

const ways = [
  { isolated: true, options: { mode: 'threads', threads: 2 } },
  { isolated: false, options: { mode: 'instances', threads: 2 } },
  { isolated: false, options: { mode: 'plain' } },
];

let browser;
const sites = {};
let large;
before(async () => {
  for (const isolated of [true, false]) sites[isolated] = await host({ isolated });
  browser = await launch();
  large = join(folder(), 'large.csv');
  await generate(large, 60e6);
});
after(async () => {
  await browser?.close();
  for (const site of Object.values(sites)) await site.close();
});

/** A page with a mill, `paths` and the lesson chosen; closed when `work` is done. */
async function page(site, options, paths, work) {
  const opened = await open(browser, site, [lesson, ...paths]);
  try {
    const mill = await opened.evaluate((start) => harness.start(start), options);
    await work(opened, mill);
    await next(opened);
    await opened.evaluate(() => harness.stop());
  } finally {
    await opened.close();
  }
}

/** The next job on the same mill. */
async function next(opened) {
  for (const recipe of [quickstart, cast]) {
    const [answer] = await opened.evaluate((text) => harness.jobs([{ file: 'lesson.csv', recipe: text }]), recipe);
    const of = (text) => (text === undefined ? undefined : Buffer.from(text, 'base64'));
    const found = answer.error ? answer : { report: answer.report, rows: of(answer.rows), rejects: of(answer.rejects) };
    agrees(found, ran(recipe, lesson), 'the next job');
  }
}

function isFault(error, kind, pattern) {
  assert.ok(error, 'no failure');
  assert.ok(error.typed, `not a class of the package: ${JSON.stringify(error)}`);
  assert.equal(error.name, 'Fault', error.message);
  assert.equal(error.kind, kind, error.message);
  assert.match(error.message, pattern);
  assert.ok(error.place && error.found && error.expected, JSON.stringify(error));
}

for (const { isolated, options } of ways) {
  describe(options.mode, () => {
    test('a mistake in a recipe is a RecipeError with its hint', () =>
      page(sites[isolated], options, [], async (opened) => {
        const { error } = await opened.evaluate(() =>
          harness.caught(() => mill.run('tidemill = 1\n[[step]]\ntrimm = ["*"]\n', harness.file('lesson.csv'), { sink: 'blob' })),
        );
        assert.ok(error.typed);
        assert.equal(error.name, 'RecipeError');
        assert.equal(error.hint, 'did you mean "trim"?');
        assert.match(error.place, /step 1/);
      }));

    test('a file that was changed after it was chosen', async () => {
      const path = join(folder(), `changed-${options.mode}.csv`);
      copyFileSync(lesson, path);
      await page(sites[isolated], options, [path], async (opened) => {
        appendFileSync(path, '1,2,3\n');
        utimesSync(path, new Date(), new Date(Date.now() + 5000));
        const { error } = await opened.evaluate((name) => harness.caught(() => mill.profile(harness.file(name))), `changed-${options.mode}.csv`);
        isFault(error, 'io', /changed|removed/);
        assert.match(error.place, /changed-/);
      });
    });

    test('a file that is cut short while it is read', async () => {
      const name = `cut-${options.mode}.csv`;
      const path = join(folder(), name);
      copyFileSync(large, path);
      await page(sites[isolated], options, [path], async (opened) => {
        let cut = false;
        await opened.exposeFunction('cut', () => {
          if (!cut) truncateSync(path, statSync(path).size / 2);
          cut = true;
        });
        const { error, value } = await opened.evaluate(
          (file) =>
            harness.caught(async () => {
              // The sink holds the run up until the file was cut.
              let first = true;
              const sink = new WritableStream({
                async write() {
                  if (first) await globalThis.cut();
                  first = false;
                },
              });
              return (await mill.run('tidemill = 1\n', harness.file(file), { sink })).report.rows;
            }),
          name,
        );
        assert.equal(value, undefined, 'a file cut in half gave a report');
        isFault(error, 'io', /changed|removed/);
      });
      rmSync(path);
    });

    test('a file that was removed', async () => {
      const name = `removed-${options.mode}.csv`;
      const path = join(folder(), name);
      copyFileSync(lesson, path);
      await page(sites[isolated], options, [path], async (opened) => {
        rmSync(path);
        const { error } = await opened.evaluate((file) => harness.caught(() => mill.profile(harness.file(file))), name);
        isFault(error, 'io', /changed|removed/);
      });
    });

    test('a sink that throws', () =>
      page(sites[isolated], options, [large], async (opened) => {
        const found = await opened.evaluate(async (recipe) => {
          let writes = 0;
          let aborted = 0;
          const sink = new WritableStream({
            write() {
              writes += 1;
              if (writes === 3) throw new Error('the disk is on fire');
            },
            abort() {
              aborted += 1;
            },
          });
          const answer = await harness.caught(() => mill.run(recipe, harness.file('large.csv'), { sink }));
          return { ...answer, writes, aborted };
        }, copy);
        isFault(found.error, 'io', /the disk is on fire/);
        assert.equal(found.writes, 3);
      }));

    test('a slow sink is waited for', () =>
      page(sites[isolated], options, [large], async (opened) => {
        const found = await opened.evaluate(async (recipe) => {
          let open = 0;
          let most = 0;
          let bytes = 0;
          const sink = new WritableStream({
            async write(piece) {
              open += 1;
              most = Math.max(most, open);
              bytes += piece.byteLength;
              await new Promise((resolve) => setTimeout(resolve, 5));
              open -= 1;
            },
          });
          const { report } = await mill.run(recipe, harness.file('large.csv'), { sink });
          return { most, bytes, rows: report.rows };
        }, copy);
        assert.equal(found.most, 1);
        assert.equal(found.bytes, statSync(large).size);
        assert.equal(found.rows.in, found.rows.out);
      }));

    test('a quota that is full', () =>
      page(sites[isolated], options, [large], async (opened) => {
        await opened.evaluate(async () => {
          const folder = await navigator.storage.getDirectory();
          for await (const name of folder.keys()) await folder.removeEntry(name);
        });
        const session = await opened.createCDPSession();
        const { origin } = sites[isolated];
        await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4 << 20 });
        const { error } = await opened.evaluate(
          (recipe) => harness.caught(() => mill.run(recipe, harness.file('large.csv'), { sink: 'opfs' })),
          copy,
        );
        await session.send('Storage.overrideQuotaForOrigin', { origin });
        isFault(error, 'io', /no room|quota/i);
        const left = await opened.evaluate(async () => {
          let bytes = 0;
          const walk = async (folder) => {
            for await (const entry of folder.values()) {
              if (entry.kind === 'file') bytes += (await entry.getFile()).size;
              else await walk(entry);
            }
          };
          await walk(await navigator.storage.getDirectory());
          return bytes;
        });
        assert.equal(left, 0, 'a half-written file was left');
      }));

    // Once in a thousand runs a read of the file never ended: Chromium had collected a stream to which
    // nothing else referred.
    test('two thousand small jobs come to their end', () =>
      page(sites[isolated], options, [], async (opened) => {
        const ended = await opened.evaluate(
          (recipe) => harness.jobs(Array.from({ length: 2000 }, () => ({ file: 'lesson.csv', recipe }))).then((answers) => answers.filter(({ report }) => report).length),
          copy,
        );
        assert.equal(ended, 2000);
      }));

    test('rows to the private file system', () =>
      page(sites[isolated], options, [], async (opened) => {
        const found = await opened.evaluate(async (recipe) => {
          const { output, report } = await mill.run(recipe, harness.file('lesson.csv'), { sink: 'opfs' });
          return { text: await output.text(), report: report.json };
        }, quickstart);
        const expected = ran(quickstart, lesson);
        assert.equal(found.text, expected.rows.toString());
        assert.equal(found.report, expected.report.toString());
      }));

    test('a memory of 256 MiB', () =>
      page(sites[isolated], { ...options, memory: 256 }, [large], async (opened) => {
        const answers = await opened.evaluate(async () => {
          // Keys of groups are held; these are more than fit.
          const long = 'x'.repeat(2000);
          const parts = ['key,x\n'];
          for (let from = 0; from < 200_000; from += 10_000) {
            parts.push(new Blob(Array.from({ length: 10_000 }, (_, at) => `key-${from + at}-${long},1\n`)));
          }
          const file = new File(parts, 'keys.csv');
          const recipe = 'tidemill = 1\n[[reduce]]\nname = "all"\nby = ["key"]\nvalues = ["sum(x)"]\n';
          return {
            fits: await harness.caught(async () => (await mill.profile(harness.file('large.csv'))).rows),
            not: await harness.caught(async () => (await mill.run(recipe, file, {})).report.rows),
          };
        });
        assert.equal(answers.fits.error, undefined, JSON.stringify(answers.fits.error));
        isFault(answers.not.error, 'limit', /256/);
      }));

    test('an abort ends a run within a second, and nothing is left', () =>
      page(sites[isolated], options, [large], async (opened) => {
        const found = await opened.evaluate(async (recipe) => {
          const stop = new AbortController();
          let asked;
          const { report } = await mill.run(recipe, harness.file('large.csv'), {
            sink: new WritableStream(),
            signal: stop.signal,
            onProgress() {
              if (asked !== undefined) return;
              asked = performance.now();
              stop.abort();
            },
          });
          return { partial: report.partial, rows: report.rows, ms: performance.now() - asked };
        }, copy);
        assert.equal(found.partial, true);
        assert.ok(found.ms < 1000, `${found.ms} ms`);
      }));
  });
}

describe('a page that is not isolated', () => {
  test('takes instances, and says why', () =>
    page(sites.false, { threads: 2 }, [], async (opened, mill) => {
      assert.equal(mill.mode, 'instances');
      assert.match(mill.why, /isolated/);
    }));

  test('refuses threads that were asked for', async () => {
    const opened = await open(browser, sites.false, [lesson]);
    const { error } = await opened.evaluate(() => harness.caught(() => harness.start({ mode: 'threads', threads: 2 })));
    isFault(error, 'state', /isolated/);
    await opened.evaluate(() => harness.start({ threads: 2 }));
    await next(opened);
    await opened.close();
  });
});

describe('a pool that does not start', () => {
  test('a module that is not there', async () => {
    const site = await host({
      isolated: true,
      meddle(path, response) {
        if (!/threads.*\.wasm$/.test(path)) return false;
        response.writeHead(404).end();
        return true;
      },
    });
    await page(site, { threads: 2 }, [], async (opened, mill) => {
      assert.equal(mill.mode, 'instances');
      assert.match(mill.why, /404/);
    });
    await site.close();
  });

  // All workers run one script; by the number of the request it comes, or one that says nothing, or what is given.
  async function stalled(isolated, stalls, start, script = '// Nothing.\n') {
    let asked = 0;
    const site = await host({
      isolated,
      meddle(path, response) {
        if (!/worker.*\.js$/i.test(path)) return false;
        asked += 1;
        if (!stalls(asked)) return false;
        response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
        return true;
      },
    });
    const opened = await open(browser, site, [lesson]);
    try {
      const answer = await opened.evaluate((options) => harness.caught(() => harness.start(options)), { ...start, patience: 1500 });
      if (!answer.error) await next(opened);
      return answer;
    } finally {
      await opened.close();
      await site.close();
    }
  }

  test('threads that never answer are given up, and instances work', async () => {
    const { value, error } = await stalled(true, (asked) => asked === 2, { threads: 2 });
    assert.equal(error, undefined, JSON.stringify(error));
    assert.equal(value.mode, 'instances');
    assert.match(value.why, /1500 ms/);
  });

  test('threads that were asked for and never answer are a Fault', async () => {
    const { error } = await stalled(true, (asked) => asked > 1, { threads: 2, mode: 'threads' });
    isFault(error, 'state', /1500 ms/);
  });

  test('instances that never answer are given up, and one instance works', async () => {
    const { value, error } = await stalled(false, (asked) => asked > 1, { threads: 2 });
    assert.equal(error, undefined, JSON.stringify(error));
    assert.equal(value.mode, 'plain');
    assert.match(value.why, /1500 ms/);
  });

  // Firefox under automation stops some engines in the making of a worker; what they look like from outside.
  test('an engine that comes up and then stands still is started again', async () => {
    const { value, error } = await stalled(true, (asked) => asked === 1, { threads: 2 }, 'postMessage({ up: true });\n');
    assert.equal(error, undefined, JSON.stringify(error));
    assert.equal(value.mode, 'threads');
  });

  test('a module that takes longer to come than workers may take to start is waited for', async () => {
    const site = await host({
      isolated: true,
      meddle: (path, response, go) => path.endsWith('.wasm') && (setTimeout(go, 4000), true),
    });
    const opened = await open(browser, site, [lesson]);
    const { value, error } = await opened.evaluate(() => harness.caught(() => harness.start({ threads: 2, patience: 1500 })));
    assert.equal(error, undefined, JSON.stringify(error));
    assert.equal(value.mode, 'threads');
    await opened.close();
    await site.close();
  });

  test('an engine that never answers is a Fault', async () => {
    const { error } = await stalled(true, () => true, { threads: 2 });
    isFault(error, 'state', /1500 ms/);
  });

  test('an engine whose script never comes is a Fault', async () => {
    const site = await host({ meddle: (path) => /worker.*\.js$/i.test(path) });
    const opened = await open(browser, site, [lesson]);
    const { error } = await opened.evaluate(() => harness.caught(() => harness.start({ threads: 2, patience: 1500 })));
    isFault(error, 'state', /1500 ms/);
    await opened.close();
    await site.close();
  });

  test('a script of workers that is not there is a Fault', async () => {
    const site = await host({
      meddle(path, response) {
        if (!/worker.*\.js$/i.test(path)) return false;
        response.writeHead(404).end();
        return true;
      },
    });
    const opened = await open(browser, site, [lesson]);
    const { error } = await opened.evaluate(() => harness.caught(() => harness.start({ threads: 2 })));
    isFault(error, 'state', /script/);
    await opened.close();
    await site.close();
  });
});

describe('starting again', () => {
  test('stop frees the workers, and a mill can be started again', async () => {
    const opened = await open(browser, sites.true, [lesson]);
    for (let times = 0; times < 5; times += 1) {
      await opened.evaluate(() => harness.start({ threads: 4, mode: 'threads' }));
      await next(opened);
      await opened.evaluate(() => harness.stop());
      // Chromium gives a worker that waits in shared memory two seconds before it ends it.
      for (let tries = 0; tries < 300 && opened.workers().length > 0; tries += 1) await sleep(50);
      assert.equal(opened.workers().length, 0, 'workers are left');
    }
    await opened.close();
  });

  test('an aborted start', async () => {
    const opened = await open(browser, sites.true, [lesson]);
    const { error } = await opened.evaluate(() =>
      harness.caught(() => harness.start({ threads: 2, signal: AbortSignal.abort() })),
    );
    assert.equal(error.name, 'AbortError');
    await opened.evaluate(() => harness.start({ threads: 2 }));
    await next(opened);
    await opened.close();
  });

  test('a job on a mill that was stopped', async () => {
    const opened = await open(browser, sites.true, [lesson]);
    const { error } = await opened.evaluate(async () => {
      await harness.start({ threads: 2 });
      const { mill } = globalThis;
      await mill.stop();
      return harness.caught(() => mill.profile(harness.file('lesson.csv')));
    });
    isFault(error, 'state', /stop/);
    await opened.close();
  });
});
