// The module in Node gives the bytes that the command gives: report, rows and rejects, or the same
// failure. The expectations are made here, by running the command.
//
// node --test tests/web, with TIDEMILL_BIN and TIDEMILL_WASM (a folder) in the environment.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test, before, after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { alone, load, together } from './alone.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = process.env.TIDEMILL_BIN ?? join(root, 'target/release/tidemill');
const folder = pathToFileURL(`${process.env.TIDEMILL_WASM ?? join(root, 'target/web')}/`);
const corpus = join(root, 'tests/corpus');
const files = [
  ...readdirSync(join(corpus, 'edge')).filter((name) => name.endsWith('.csv')).map((name) => join(corpus, 'edge', name)),
  join(corpus, 'lesson.csv'),
  join(corpus, 'flights.csv'),
];
// Recipes that fit any file: row by row, with a carried step, and one that learns in a pass before.
const recipes = {
  trim: 'tidemill = 1\n[[step]]\ntrim = ["*"]\n[[reduce]]\nname = "all"\nvalues = ["rows"]\n',
  limit: 'tidemill = 1\n[[step]]\nlimit = 3\n',
  cast: 'tidemill = 1\n[[step]]\ncast = { "#1" = "integer" }\n',
};
const own = {
  'lesson.csv': { quickstart: readFileSync(join(root, 'examples/quickstart.toml'), 'utf8') },
  'flights.csv': {
    flights: readFileSync(join(root, 'examples/flights.toml'), 'utf8'),
    fitted: 'tidemill = 1\n[[step]]\nfill = { dep_delay = { with = "mean" } }\n[[reduce]]\nname = "by"\nby = ["carrier"]\nvalues = ["rows", "mean(dep_delay)", "std(dep_delay)"]\n',
  },
};

let module;
let scratch;
before(async () => {
  module = await load(folder);
  scratch = mkdtempSync(join(tmpdir(), 'tidemill-'));
});
after(() => rmSync(scratch, { recursive: true, force: true }));

function command(...args) {
  return spawnSync(bin, args, { cwd: scratch, maxBuffer: 1 << 28 });
}

/** The failure as the command prints it, without the folder before the file and the recipe. */
function printed(stderr, file) {
  return stderr.toString().replaceAll(file, basename(file)).replace(/^error: (r\.toml, )?/, '').trim();
}

function told(error) {
  const lines = [`${error.place}: ${error.found}`];
  if (error.expected) lines.push(`  expected: ${error.expected}`);
  if (error.hint) lines.push(`  hint: ${error.hint}`);
  return lines.join('\n');
}

function first(a, b) {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? Math.min(a.length, b.length) : at;
}

function same(found, expected, what) {
  const [a, b] = [Buffer.from(found), Buffer.from(expected)];
  if (a.equals(b)) return;
  const at = first(a, b);
  assert.fail(
    `${what}: byte ${at}: ${JSON.stringify(a.subarray(at, at + 80).toString())} instead of ${JSON.stringify(b.subarray(at, at + 80).toString())}`,
  );
}

function ways(recipe, file, options, expect) {
  const bytes = readFileSync(file);
  const name = basename(file);
  for (const piece of [7, 65_536, 1 << 20]) {
    if (piece === 7 && bytes.length > 100_000) continue;
    expect(() => alone(module, recipe, name, bytes, { ...options, piece }), `alone, pieces of ${piece}`);
  }
  let apart = true;
  try {
    apart = new module.Mill(recipe, name, bytes.subarray(0, module.window()), options.rows, options.rejects, options.profile).apart();
  } catch {
    // The failure is looked at above.
    return;
  }
  if (!apart) return;
  for (const hands of [1, 2, 3]) {
    expect(() => together(module, recipe, name, bytes, { ...options, piece: 100_000, hands }), `${hands} hands`);
  }
}

test('profiles are the command\'s', () => {
  let profiled = 0;
  for (const file of files) {
    const run = command('profile', '--format', 'json', file);
    ways('tidemill = 1', file, { rows: false, rejects: false, profile: ['*'] }, (job, way) => {
      const what = `profile of ${basename(file)}, ${way}`;
      if (run.status === 0) {
        same(job().report, run.stdout, what);
        profiled += 1;
      } else {
        assert.throws(job, (error) => {
          assert.equal(error.name, 'Fault', what);
          assert.equal(told(error), printed(run.stderr, file), what);
          return true;
        });
      }
    });
  }
  assert.ok(profiled > files.length);
});

test('reports, rows and rejects are the command\'s', () => {
  let ran = 0;
  for (const file of files) {
    for (const [word, recipe] of Object.entries({ ...recipes, ...own[basename(file)] })) {
      const [out, report, rejects] = ['out.csv', 'report.json', 'rejects.csv'].map((name) => join(scratch, name));
      for (const path of [out, report, rejects]) rmSync(path, { force: true });
      writeFileSync(join(scratch, 'r.toml'), recipe);
      const run = command('run', 'r.toml', file, '-o', out, '--report', report, '--rejects', rejects);
      ways(recipe, file, { rows: true, rejects: true, profile: undefined }, (job, way) => {
        const what = `${word} over ${basename(file)}, ${way}`;
        if (run.status === 2) {
          assert.throws(job, (error) => {
            assert.ok(['Fault', 'RecipeError'].includes(error.name), `${what}: ${error}`);
            assert.equal(told(error), printed(run.stderr, file), what);
            return true;
          });
          return;
        }
        const found = job();
        same(found.report, readFileSync(report), `report of ${what}`);
        same(found.rows, readFileSync(out), `rows of ${what}`);
        if (existsSync(rejects)) same(found.rejects, readFileSync(rejects), `rejects of ${what}`);
        else assert.equal(JSON.parse(found.report).rejects.count, 0, what);
        ran += 1;
      });
    }
  }
  assert.ok(ran > 3 * files.length);
});

test('a step that learns takes two passes, alone and by hands', () => {
  const file = join(corpus, 'flights.csv');
  const options = { rows: true, rejects: true, profile: undefined, piece: 65_536, hands: 2 };
  const bytes = readFileSync(file);
  assert.equal(alone(module, own['flights.csv'].fitted, 'flights.csv', bytes, options).passes, 2);
  assert.equal(together(module, own['flights.csv'].fitted, 'flights.csv', bytes, options).passes, 2);
});

test('a mistake in a recipe says where, what and how', () => {
  assert.throws(
    () => alone(module, 'tidemill = 1\n[[step]]\ntrimm = ["*"]\n', 'a.csv', Buffer.from('a\n1\n'), { rows: true, rejects: false, piece: 9 }),
    { name: 'RecipeError', hint: 'did you mean "trim"?' },
  );
});
