// The corpus, what to do with it, and what the command makes of it: expectations are made here, by
// running the command. TIDEMILL_BIN and TIDEMILL_WASM (a folder) may stand in the environment.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = process.env.TIDEMILL_BIN ?? join(root, 'target/release/tidemill');
/** What `xtask wasm` made: a folder with `plain` and `threads`. */
export const folder = pathToFileURL(`${process.env.TIDEMILL_WASM ?? join(root, 'target/web')}/`);
export const corpus = join(root, 'tests/corpus');
export const files = [
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
export const own = {
  'lesson.csv': { quickstart: readFileSync(join(root, 'examples/quickstart.toml'), 'utf8') },
  'flights.csv': {
    flights: readFileSync(join(root, 'examples/flights.toml'), 'utf8'),
    fitted: 'tidemill = 1\n[[step]]\nfill = { dep_delay = { with = "mean" } }\n[[reduce]]\nname = "by"\nby = ["carrier"]\nvalues = ["rows", "mean(dep_delay)", "std(dep_delay)"]\n',
  },
};

const scratch = mkdtempSync(join(tmpdir(), 'tidemill-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

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

const kept = new Map();

function once(key, make) {
  if (!kept.has(key)) kept.set(key, make());
  return kept.get(key);
}

/** What the command says of a file: the report, or the failure. */
function profileOf(file) {
  return once(file, () => command('profile', '--format', 'json', file));
}

function runOf(word, recipe, file) {
  return once(`${word} ${file}`, () => {
    const [out, report, rejects] = ['out.csv', 'report.json', 'rejects.csv'].map((name) => join(scratch, name));
    for (const path of [out, report, rejects]) rmSync(path, { force: true });
    writeFileSync(join(scratch, 'r.toml'), recipe);
    const run = command('run', 'r.toml', file, '-o', out, '--report', report, '--rejects', rejects);
    const read = (path) => (existsSync(path) ? readFileSync(path) : undefined);
    return { status: run.status, stderr: run.stderr, rows: read(out), report: read(report), rejects: read(rejects) };
  });
}

function fails(job, run, file, what) {
  assert.throws(job, (error) => {
    assert.ok(['Fault', 'RecipeError'].includes(error.name), `${what}: ${error}`);
    assert.equal(told(error), printed(run.stderr, file), what);
    return true;
  });
}

/**
 * Profiles every file; `ways(recipe, file, options, expect)` calls `expect(job, way)` for each way it
 * has of doing it.
 */
export function profiles(ways) {
  let profiled = 0;
  for (const file of files) {
    const run = profileOf(file);
    ways('tidemill = 1', file, { rows: false, rejects: false, profile: ['*'] }, (job, way) => {
      const what = `profile of ${basename(file)}, ${way}`;
      if (run.status !== 0) return fails(job, run, file, what);
      same(job().report, run.stdout, what);
      profiled += 1;
    });
  }
  assert.ok(profiled > files.length);
}

/** Runs all recipes over every file that they are for. */
export function runs(ways) {
  let ran = 0;
  for (const file of files) {
    for (const [word, recipe] of Object.entries({ ...recipes, ...own[basename(file)] })) {
      const run = runOf(word, recipe, file);
      ways(recipe, file, { rows: true, rejects: true, profile: undefined }, (job, way) => {
        const what = `${word} over ${basename(file)}, ${way}`;
        if (run.status === 2) return fails(job, run, file, what);
        const found = job();
        same(found.report, run.report, `report of ${what}`);
        same(found.rows, run.rows, `rows of ${what}`);
        if (run.rejects) same(found.rejects, run.rejects, `rejects of ${what}`);
        else assert.equal(JSON.parse(found.report).rejects.count, 0, what);
        ran += 1;
      });
    }
  }
  assert.ok(ran > 3 * files.length);
}
