// The packed package in Node: every kind of input, by instances and plain, gives the command's bytes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { agrees, files as texts, folder, packed, profiled, ran, recipes } from '../command.mjs';
import { installed } from '../pack.mjs';

const files = [...texts, ...packed];
const jobs = files.flatMap((path) => [
  { file: path, word: 'profile', expected: profiled(path) },
  ...Object.entries(recipes(path)).map(([word, recipe]) => ({ file: path, word, recipe, expected: ran(recipe, path) })),
]);
/** A text in UTF-8; of one line it would be taken for a path. */
const isText = (path) => readFileSync(path).includes('\n') && Buffer.from(readFileSync(path, 'utf8')).equals(readFileSync(path));

let app;
before(() => {
  app = installed('node');
});

function run(start, list) {
  const [given, answer] = [join(folder(), 'jobs.json'), join(folder(), 'answers.json')];
  writeFileSync(given, JSON.stringify({ start, jobs: list }));
  execFileSync(process.execPath, ['main.js', given, answer], { cwd: app, stdio: 'inherit' });
  return JSON.parse(readFileSync(answer, 'utf8'));
}

function bytes(answer) {
  const of = (text) => (text === undefined ? undefined : Buffer.from(text, 'base64'));
  return answer.error ? answer : { report: answer.report, rows: of(answer.rows), rejects: of(answer.rejects) };
}

for (const start of [{ threads: 2, mode: 'instances' }, { mode: 'plain' }]) {
  describe(start.mode, () => {
    const fits = {
      path: () => true,
      bytes: () => true,
      // The list of files of an archive comes last.
      stream: (file) => !file.endsWith('.zip'),
      text: isText,
      blob: (file) => !file.includes('edge'),
    };
    for (const [input, takes] of Object.entries(fits)) {
      test(`from ${input}`, () => {
        const fit = jobs.filter(({ file }) => takes(file));
        const { mode, why, answers } = run(start, fit.map(({ file, recipe }) => ({ file, recipe, input })));
        assert.equal(mode, start.mode, why);
        fit.forEach(({ file, word, expected }, index) => agrees(bytes(answers[index]), expected, `${word} of ${basename(file)} from ${input}`));
        assert.ok(answers.filter((answer) => answer.report).length >= 4);
      });
    }

    test('to files', () => {
      const fit = jobs.filter(({ recipe }) => recipe !== undefined);
      const to = (index) => ({ rows: join(folder(), `${start.mode}-${index}.csv`), rejects: join(folder(), `${start.mode}-${index}-rejects.csv`) });
      const { answers } = run(start, fit.map(({ file, recipe }, index) => ({ file, recipe, input: 'path', to: to(index) })));
      fit.forEach(({ file, word, expected }, index) => {
        const { rows, rejects } = to(index);
        const what = `${word} of ${basename(file)} to files`;
        if (answers[index].error) assert.equal(existsSync(rows), false, `${what}: something was left`);
        const read = (path) => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
        agrees({ ...answers[index], rows: read(rows), rejects: read(rejects) }, expected, what);
      });
    });
  });
}

test('an archive as a stream is refused with what to do instead', () => {
  const path = packed.find((file) => file.endsWith('one.csv.zip'));
  const { answers } = run({ mode: 'plain' }, [{ file: path, input: 'stream' }]);
  const { name, kind, found, hint } = answers[0].error;
  assert.deepEqual([name, kind, found], ['Fault', 'input', 'an archive as a stream, whose list of files comes last']);
  assert.match(hint, /unzip -p one\.csv\.zip/);
});

test('without options, all cores', () => {
  const [path] = files.filter((file) => file.endsWith('flights.csv'));
  const { mode, threads, answers } = run({}, [{ file: path, input: 'path' }]);
  assert.ok(mode === 'plain' ? threads === 1 : threads > 1);
  agrees(answers[0], profiled(path), 'profile of flights.csv');
});
