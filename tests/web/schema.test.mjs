// Every report and preview over the corpus is what its JSON Schema says, by a validator from
// elsewhere, and one with a key too many or too few is not.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { alone, load } from './alone.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const folder = pathToFileURL(`${process.env.TIDEMILL_WASM ?? join(root, 'target/web')}/`);
const corpus = join(root, 'tests/corpus');
const edge = readdirSync(join(corpus, 'edge')).filter((name) => /\.[ct]sv$/.test(name));
const files = [...edge.map((name) => join('edge', name)), 'lesson.csv', 'flights.csv'];
const recipes = [
  'tidemill = 1\n[[reduce]]\nvalues = ["rows"]\n',
  'tidemill = 1\n[expect]\nmin_rows = 1000000\n[[step]]\ncast = { "#1" = "integer" }\n[[step]]\nfill = { "#1" = { with = "mean" } }\n[[step]]\nlimit = 3\n',
];
const flights =
  'tidemill = 1\n[[step]]\nfilter = "distance > 300"\n[[reduce]]\nname = "by"\nby = ["carrier"]\nvalues = ["rows", "mean(dep_delay)", "min(dep_time)", "distinct(dest)", "sum(distance)"]\n';

let module;
const valid = {};
before(async () => {
  module = await load(new URL('plain/', folder));
  // `tsType` and `format: columns` are words for generators and forms.
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  const schema = (name) => JSON.parse(readFileSync(new URL(`schemas/${name}.json`, folder), 'utf8'));
  valid.recipe = ajv.compile(schema('recipe'));
  valid.report = ajv.compile(schema('report'));
  valid.preview = ajv.compile(schema('preview'));
});

function check(of, text, what) {
  const value = JSON.parse(text);
  assert.ok(valid[of](value), `${what}: ${JSON.stringify(valid[of].errors?.slice(0, 3))}`);
  for (const key of Object.keys(value).filter((key) => key !== 'faults')) {
    const { [key]: _, ...less } = value;
    assert.ok(!valid[of](less), `${what}: ${key} may be left out`);
  }
  assert.ok(!valid[of]({ ...value, more: 1 }), `${what}: a key too many`);
}

/** Whether the input or the recipe was refused, which is no answer. */
function refused(act) {
  try {
    act();
    return false;
  } catch (error) {
    if (error.name === 'Fault' || error.name === 'RecipeError') return true;
    throw error;
  }
}

test('every report and preview is what its schema says', () => {
  let answers = 0;
  for (const file of files) {
    const name = basename(file);
    const bytes = new Uint8Array(readFileSync(join(corpus, file)));
    const jobs = [
      ['tidemill = 1', { rows: false, rejects: false, profile: ['*'] }],
      ...[...recipes, ...(name === 'flights.csv' ? [flights] : [])].map((recipe) => [recipe, { rows: true, rejects: true }]),
    ];
    for (const [recipe, options] of jobs) {
      const none = refused(() => {
        check('report', alone(module, recipe, name, bytes, { ...options, piece: 1 << 20 }).report, `${file}, ${recipe}`);
        check('preview', module.preview(recipe, name, bytes, true, 20), `${file}, ${recipe}`);
        answers += 2;
      });
      if (!none && bytes.length > 50) {
        refused(() => check('preview', module.preview(recipe, name, bytes.subarray(0, bytes.length - 20), false, 20), file));
      }
    }
  }
  assert.ok(answers > 200, `only ${answers} answers`);
});

test('typed rows have the columns that the mill names', () => {
  const bytes = new Uint8Array(readFileSync(join(corpus, 'flights.csv')));
  const recipe = 'tidemill = 1\n[[step]]\ncast = { dep_time = "integer", dep_delay = "number" }\n';
  const mill = module.Mill.rows(recipe, 'flights.csv', bytes, ['carrier', 'dep_*']);
  assert.deepEqual(JSON.parse(mill.columns()), [
    { name: 'carrier', type: 'text' },
    { name: 'dep_time', type: 'integer' },
    { name: 'dep_delay', type: 'number' },
  ]);
  const run = mill.alone();
  run.feed(bytes);
  run.end();
  const rows = Buffer.from(run.rows()).toString().trimEnd().split('\n').map((line) => JSON.parse(line));
  const { rows: counts } = JSON.parse(run.finish(false));
  assert.equal(rows.length, counts.out);
  for (const [carrier, time, delay] of rows) {
    assert.equal(typeof carrier, 'string');
    for (const cell of [time, delay]) assert.ok(cell === null || typeof cell === 'number');
  }
  const all = JSON.parse(module.preview(recipe, 'flights.csv', bytes, true, 7));
  assert.deepEqual(all.rows.map((row) => row[all.columns.findIndex(({ name }) => name === 'dep_time')]), rows.slice(0, 7).map((row) => row[1]));
  assert.throws(() => module.Mill.rows(recipe, 'flights.csv', bytes, ['dep_tim']), { name: 'RecipeError', hint: 'did you mean "dep_time"?' });
});

test('recipes are what their schema says, and a wrong key is not', () => {
  const recipe = { tidemill: 1, step: [{ trim: ['*'] }, { cast: { a: 'integer' }, on_error: 'keep' }], reduce: [{ values: ['rows'] }] };
  assert.ok(valid.recipe(recipe), JSON.stringify(valid.recipe.errors));
  assert.ok(!valid.recipe({ ...recipe, step: [{ trim: ['*'], on_error: 'keep' }] }));
  assert.ok(!valid.recipe({ ...recipe, step: [{ trim: ['*'], filter: 'a > 1' }] }));
});
