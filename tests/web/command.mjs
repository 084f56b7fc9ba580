// The native command is the oracle of every surface: expectations are made by running it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const bin = process.env.TIDEMILL_BIN ?? join(root, 'target/release/tidemill');
export const corpus = join(root, 'tests/corpus');

/** Every file of the corpus. */
export const files = [
  ...readdirSync(join(corpus, 'edge')).filter((name) => /\.[ct]sv$/.test(name)).map((name) => join(corpus, 'edge', name)),
  // Pages know files by their names alone; some here are named as ones above.
  ...readdirSync(join(corpus, 'reader'))
    .filter((name) => /\.(csv|tsv|txt)$/.test(name) && !existsSync(join(corpus, 'edge', name)))
    .map((name) => join(corpus, 'reader', name)),
  join(corpus, 'lesson.csv'),
  join(corpus, 'flights.csv'),
];

/** Files in containers: what holds a text, and what is cut off, damaged or refused. */
export const packed = readdirSync(join(corpus, 'packed'))
  .filter((name) => /\.(gz|zst|bz2|xz|zip)$/.test(name))
  .map((name) => join(corpus, 'packed', name));

// Recipes that fit any file: row by row, with a carried step, and with a cast that sets rows aside.
const everywhere = {
  trim: 'tidemill = 1\n[[step]]\ntrim = ["*"]\n[[reduce]]\nname = "all"\nvalues = ["rows"]\n',
  dedupe: 'tidemill = 1\n[[step]]\ndedupe = ["#1"]\nkeep = "last"\n[[step]]\ndedupe = "*"\n',
  limit: 'tidemill = 1\n[[step]]\nlimit = 3\n',
  cast: 'tidemill = 1\n[[step]]\ncast = { "#1" = "integer" }\n',
};
const neighbours =
  'tidemill = 1\n[[step]]\nfill = { dep_delay = { with = "next" }, tailnum = { with = "previous" } }\nby = ["carrier"]\n[[reduce]]\nvalues = ["sum(dep_delay)"]\n';
const groups =
  'tidemill = 1\n[[step]]\nfill = { dep_delay = { with = "median" }, tailnum = { with = "mode" } }\nby = ["carrier"]\n[[step]]\noutliers = { dep_delay = "tukey", air_time = { method = "zscore", factor = 2 } }\n';
const fitted =
  'tidemill = 1\n[[step]]\nfill = { dep_delay = { with = "mean" } }\n[[reduce]]\nname = "by"\nby = ["carrier"]\nvalues = ["rows", "mean(dep_delay)", "std(dep_delay)"]\n';
export const own = {
  'lesson.csv': { quickstart: readFileSync(join(root, 'examples/quickstart.toml'), 'utf8') },
  'flights.csv': { neighbours, groups, flights: readFileSync(join(root, 'examples/flights.toml'), 'utf8'), fitted },
};

/** The recipes for a file, by name. */
export function recipes(file) {
  return { ...everywhere, ...own[basename(file)] };
}

let scratch;

/** A folder for this process, taken away at its end. */
export function folder() {
  if (scratch === undefined) {
    scratch = mkdtempSync(join(tmpdir(), 'tidemill-'));
    process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  }
  return scratch;
}

function command(...args) {
  const run = spawnSync(bin, args, { cwd: folder(), maxBuffer: 1 << 28 });
  if (run.error) throw run.error;
  assert.notEqual(run.status, null, `${bin} ${args.join(' ')}: ${run.signal}`);
  return run;
}

/** The failure as the command prints it, without the folder before the file and the recipe. */
function printed(stderr, file) {
  return stderr.toString().replaceAll(file, basename(file)).replace(/^error: (r\.toml, )?/, '').trim();
}

/** What the command makes of a profile: `{ report }` or `{ failure }`. */
export function profiled(file, ...args) {
  const run = command('profile', '--format', 'json', ...args, file);
  return run.status === 0 ? { report: run.stdout } : { failure: printed(run.stderr, file) };
}

/** What it makes of a recipe: `{ report, rows, rejects }`, without rejects if it wrote none, or `{ failure }`. */
export function ran(recipe, file) {
  const [out, report, rejects] = ['out.csv', 'report.json', 'rejects.csv'].map((name) => join(folder(), name));
  for (const path of [out, report, rejects]) rmSync(path, { force: true });
  writeFileSync(join(folder(), 'r.toml'), recipe);
  const run = command('run', 'r.toml', file, '-o', out, '--report', report, '--rejects', rejects);
  if (run.status === 2) return { failure: printed(run.stderr, file) };
  return {
    report: readFileSync(report),
    rows: readFileSync(out),
    rejects: existsSync(rejects) ? readFileSync(rejects) : undefined,
  };
}

/** A failure's fields in the words of the command. */
export function told(error) {
  const lines = [`${error.place}: ${error.found}`];
  if (error.expected) lines.push(`  expected: ${error.expected}`);
  if (error.hint) lines.push(`  hint: ${error.hint}`);
  return lines.join('\n');
}

function first(a, b) {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? Math.min(a.length, b.length) : at;
}

/** Fails at the first byte that differs. */
export function same(found, expected, what) {
  const [a, b] = [Buffer.from(found), Buffer.from(expected)];
  if (a.equals(b)) return;
  const at = first(a, b);
  assert.fail(
    `${what}: byte ${at}: ${JSON.stringify(a.subarray(at, at + 80).toString())} instead of ${JSON.stringify(b.subarray(at, at + 80).toString())}`,
  );
}

/** Holds what a host found (`{ report, rows?, rejects? }` or `{ error }`) against the command's. */
export function agrees(found, expected, what) {
  if (expected.failure !== undefined) {
    assert.ok(found.error, `${what}: no failure instead of ${expected.failure}`);
    assert.ok(['Fault', 'RecipeError'].includes(found.error.name), `${what}: ${JSON.stringify(found.error)}`);
    assert.equal(told(found.error), expected.failure, what);
    return;
  }
  assert.equal(found.error, undefined, `${what}: ${JSON.stringify(found.error)}`);
  same(found.report, expected.report, `report of ${what}`);
  if (expected.rows === undefined) return;
  same(found.rows, expected.rows, `rows of ${what}`);
  if (expected.rejects) same(found.rejects, expected.rejects, `rejects of ${what}`);
  else assert.equal(JSON.parse(expected.report).rejects.count, 0, what);
}
