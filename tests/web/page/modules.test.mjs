// The parts of the page that need no page.
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { corpus, ran, recipes } from '../command.mjs';
import { dependency, load, schema } from './modules.mjs';

const [{ toml }, parse, recipe, columns, rate, place, compare, command, windowing, cards, chart, expression, formats, read, way] = await load(
  'toml', 'parse', 'recipe', 'columns', 'rate', 'place', 'compare', 'command', 'windowing', 'cards', 'chart', 'expression', 'i18n/formats', 'read', 'way',
);
const toTree = (await dependency('smol-toml')).parse;

describe('a recipe as TOML', () => {
  const odd = ['', 'a b', 'Ünï', '价格', '"', '\\', "it's", '\n', '\r\n', '\t', '\u0001\u007f', '\u2028', '😀', '#', '=', '[x]', 'a.b', '1', 'true', ' lead'];

  test('is what another parser reads', () => {
    for (const text of odd) {
      const document = { tidemill: 1, step: [{ fill: { [text]: text, other: 0 }, where: text }, { trim: [text, '*'], off: true }], write: { format: 'csv' } };
      assert.deepEqual(JSON.parse(JSON.stringify(toTree(toml(document)))), document, JSON.stringify(text));
    }
  });

  test('keeps numbers', () => {
    for (const value of [0, 1, -1, 0.5, -0.25, 1e21, 1e-9, 123456789012345, 2 ** 53 - 1, 5e300]) {
      assert.equal(toTree(toml({ value })).value, value, String(value));
    }
    assert.match(toml({ value: 12345678901234567890n }), /^value = 12345678901234567890\n$/);
  });

  test('half of a surrogate pair does no harm', () => {
    assert.equal(toTree(toml({ value: 'a\ud800b' })).value, 'a\ufffdb');
  });

  test('gives the report and the rows that JSON gives', () => {
    const lesson = join(corpus, 'lesson.csv');
    const documents = [
      { tidemill: 1 },
      { tidemill: 1, read: { delimiter: ',', quote: '"', escape: 'double', comment: 'none', encoding: 'utf-8', skip_rows: 0, header: true, ragged: 'reject' } },
      { tidemill: 1, step: [{ trim: ['*'] }, { cast: { column1: 'number', column2: { type: 'integer' } }, on_error: 'missing' }, { fill: { column3: 0.5 } }] },
      { tidemill: 1, step: [{ fill: { column3: 'say "没有"\n\\ and go on' } }, { filter: "column2 > 20 or column1 = ' 26.22 '", off: true }] },
      { tidemill: 1, step: [{ rename: { column1: 'Größe (m²)' } }, { select: ['Größe (m²)', '!column2'] }, { limit: 7 }] },
      { tidemill: 1, read: { missing: { '*': [''], column3: ['', 'NA'] } }, step: [{ drop_missing: ['column3'] }], reduce: [{ name: 'all of it', values: ['rows', 'mean(column1) as "m"'] }] },
    ];
    for (const document of documents) {
      const [asToml, asJson] = [ran(toml(document), lesson), ran(JSON.stringify(document), lesson)];
      if (asJson.failure === undefined) {
        assert.ok(asToml.report.equals(asJson.report) && asToml.rows.equals(asJson.rows), toml(document));
      } else {
        assert.equal(asToml.failure?.replace(/\(line \d+\)/, ''), asJson.failure.replace(/\(line \d+\)/, ''));
      }
    }
  });

  test('a recipe that is opened and saved does the same', () => {
    for (const file of [join(corpus, 'lesson.csv'), join(corpus, 'flights.csv')]) {
      for (const [word, text] of Object.entries(recipes(file))) {
        const again = toml(recipe.documented(parse.recipeOf(text)));
        const [expected, found] = [ran(text, file), ran(again, file)];
        assert.equal(found.failure, undefined, `${word} of ${basename(file)}`);
        assert.ok(found.report.equals(expected.report) && found.rows.equals(expected.rows), `${word} of ${basename(file)}:\n${again}`);
      }
    }
  });
});

describe('a recipe', () => {
  test('keeps what the page has no form for', () => {
    const text = 'tidemill = 1\n\n[expect]\nmin_rows = 3\n\n[[step]]\ndedupe = ["a"]\nkeep = "last"\n\n[[step]]\ntrim = ["*"]\noff = true\n\n[[reduce]]\nvalues = ["rows"]\n';
    const opened = parse.recipeOf(text);
    assert.deepEqual(opened.steps.map(({ word, off }) => [word, off]), [['dedupe', false], ['trim', true]]);
    assert.equal(toml(recipe.documented(opened)), text);
  });

  test('is told from data', () => {
    assert.ok(parse.looksLikeRecipe('r.toml', ''));
    assert.ok(parse.looksLikeRecipe('r.json', '{ "tidemill": 1 }'));
    assert.ok(!parse.looksLikeRecipe('r.json', '[{"a": 1}]'));
    assert.ok(!parse.looksLikeRecipe('toml.csv', 'tidemill = 1'));
    assert.throws(() => parse.recipeOf('a = 1'));
    assert.throws(() => parse.recipeOf('not a recipe'));
  });

  test('leaves out steps that say nothing yet', () => {
    const steps = recipe.words.map((word) => recipe.fresh(word));
    assert.deepEqual(recipe.documented({ read: {}, steps, rest: {} }).step, [{ trim: ['*'] }, { limit: 1000 }]);
  });

  test('moves steps', () => {
    assert.deepEqual(recipe.moved([1, 2, 3], 0, 2), [2, 3, 1]);
    assert.deepEqual(recipe.moved([1, 2, 3], 2, 0), [3, 1, 2]);
    assert.deepEqual(recipe.moved([1, 2, 3], 2, 3), [1, 2, 3]);
  });

  test('that is saved says how all of the file is read', () => {
    const found = { encoding: 'utf-8', delimiter: ';', quote: 'none', escape: 'double', comment: '#', skip_rows: 3, header: 2, ragged: 'pad' };
    assert.deepEqual(read.filled({}, { read: found }), found);
    assert.deepEqual(read.filled({ header: ['a'], skip_rows: 0, missing: ['x'] }, { read: found }), { ...found, header: ['a'], skip_rows: 0, missing: ['x'] });
  });
});

describe('what is offered', () => {
  const { $defs: parts } = schema();
  /** All words of the enumerations in a part of the schema. */
  const words = (part) =>
    typeof part !== 'object' || part === null ? [] : [...(part.enum ?? []), ...Object.values(part).flatMap(words)];

  test('is what the core takes', () => {
    const steps = Object.values(parts).flatMap(({ required = [], title = '' }) => (title.endsWith('Step') ? required : []));
    for (const word of recipe.words) assert.ok(steps.includes(word), `${word} is no step of ${steps.join()}`);
    for (const type of recipe.types) assert.ok(words(parts.CastStep).includes(type), type);
    for (const trouble of recipe.troubles) assert.ok(words(parts.CastStep).includes(trouble), trouble);
  });

  test('holds encodings that are read', () => {
    const lesson = join(corpus, 'lesson.csv');
    for (const encoding of [...read.encodings, ...read.rarer]) {
      const { failure = '' } = ran(toml({ tidemill: 1, read: { encoding } }), lesson);
      // Bytes of one width are no table of two, but the name is known.
      assert.doesNotMatch(failure, /encoding|read/, encoding);
    }
    assert.match(ran(toml({ tidemill: 1, read: { encoding: 'no-such' } }), lesson).failure, /no-such/);
  });
});

describe('columns', () => {
  const names = ['id', 'ship_date', 'order_date', '价格', 'a*b', '!x'];

  test('patterns mean what the core says they mean', () => {
    const of = (...patterns) => columns.resolved(names, patterns).map((at) => names[at]);
    assert.deepEqual(of('*_date'), ['ship_date', 'order_date']);
    assert.deepEqual(of('*', '!id', '!a\\*b'), ['ship_date', 'order_date', '价格', '!x']);
    assert.deepEqual(of('!*_date'), ['id', '价格', 'a*b', '!x']);
    assert.deepEqual(of('#1', 'a*b'), ['id', 'a*b']);
    assert.deepEqual(of('nothing'), []);
    for (const name of names) assert.deepEqual(of(columns.patternOf(name)), [name]);
  });

  test('are followed through the steps, and back', () => {
    const steps = [
      { word: 'rename', value: { id: 'key', ship_date: 'id' }, options: {}, off: false },
      { word: 'drop', value: ['order_*'], options: {}, off: true },
      { word: 'select', value: ['价格', 'key', 'id'], options: {}, off: false },
    ];
    assert.deepEqual(columns.namesAfter(names, steps), ['价格', 'key', 'id']);
    assert.equal(columns.origin(names, steps, 'key'), 0);
    assert.equal(columns.origin(names, steps, 'id'), 1);
    assert.equal(columns.origin(names, steps, '价格'), 3);
    assert.equal(columns.origin(names, steps, 'new'), -1);
    const derived = [{ word: 'derive', value: { twice: 'id * 2', id: 'id + 1' }, options: {}, off: false }];
    assert.deepEqual(columns.namesAfter(names, derived), [...names, 'twice']);
    assert.equal(columns.origin(names, derived, 'twice'), -1);
    assert.equal(columns.origin(names, derived, 'id'), 0);
  });
});

test('speed and the time that is left', () => {
  const now = new rate.Rate();
  const at = (bytes, pass = 1) => ({ pass, passes: 2, bytes, total: 1000 });
  now.tell(at(0), 0);
  assert.equal(now.speed, undefined);
  now.tell(at(200), 1);
  assert.equal(now.speed, 200);
  assert.equal(now.left(at(200)), 9);
  now.tell(at(1000), 5);
  now.tell(at(500, 2), 6);
  assert.equal(now.left(at(500, 2)), 500 / now.speed);
  assert.equal(now.left({ ...at(0), total: undefined }), undefined);
  assert.equal(rate.share(at(500, 2)), 0.75);
  assert.equal(rate.share({ ...at(0), total: 0 }), 1);
});

test('places', () => {
  assert.equal(place.stepOf('step 3 (line 12)'), 3);
  assert.equal(place.stepOf('step 2.filter, character 18 (line 5)'), 2);
  assert.equal(place.stepOf('step 12, qty (line 5)'), 12);
  assert.equal(place.stepOf('recipe (line 3)'), undefined);
  assert.equal(place.within('step 2.filter, character 18 (line 5)'), 'filter, character 18');
  assert.equal(place.within('step 3 (line 12)'), '');
});

test('a cell is changed if it reads otherwise', () => {
  assert.equal(compare.changed('a', ' a', 'text'), true);
  assert.equal(compare.changed('a', 'a', 'text'), false);
  assert.equal(compare.changed(1.5, '1.50', 'number'), false);
  assert.equal(compare.textOf(1.5, '1.50', 'number'), '1.50');
  assert.equal(compare.changed(3, '3.0', 'integer'), true);
  assert.equal(compare.changed(3, '3', 'integer'), false);
  assert.equal(compare.changed(7, '007', 'number'), true);
  assert.equal(compare.changed(1, ' 1', 'number'), true);
  assert.equal(compare.changed(null, 'NA', 'number'), true);
  assert.equal(compare.changed(null, '', 'text'), false);
  assert.equal(compare.changed(true, 'yes', 'boolean'), true);
  assert.equal(compare.changed('x', undefined, 'text'), false);
});

test('words of a shell', () => {
  assert.equal(command.command('a.recipe.toml', 'a.csv', 'a.clean.csv'), 'tidemill run a.recipe.toml a.csv -o a.clean.csv');
  assert.equal(command.quoted("it's a file.csv"), "'it'\\''s a file.csv'");
  assert.equal(command.quoted('-rf'), "'./-rf'");
  assert.equal(command.quoted('价格.csv'), "'价格.csv'");
  assert.deepEqual(command.namesFor('a.b.CSV', 'tsv'), { rows: 'a.b.clean.tsv', rejects: 'a.b.clean.tsv.rejects.csv', recipe: 'a.b.recipe.toml', report: 'a.b.report.json' });
  assert.equal(command.namesFor('.csv').rows, '.csv.clean.csv');
});

test('what is in sight', () => {
  assert.deepEqual(windowing.inSight(100, 10, 95, 30, 1), { first: 8, end: 14 });
  assert.deepEqual(windowing.inSight(3, 10, -50, 1000, 1), { first: 0, end: 3 });
  assert.deepEqual(windowing.inSight(0, 10, 0, 100, 1), { first: 0, end: 0 });
  const edges = windowing.edgesOf([10, 20, 30, 40]);
  assert.deepEqual(edges, [0, 10, 30, 60, 100]);
  for (let from = 0; from < 100; from += 1) {
    for (let length = 1; length < 50; length += 7) {
      const { first, end } = windowing.between(edges, from, length, 0);
      for (let at = 0; at < 4; at += 1) {
        if (edges[at] < from + length && edges[at + 1] > from) assert.ok(at >= first && at < end, `${at} at ${from}+${length}`);
      }
    }
  }
});

describe('cards', () => {
  const column = (name, more = {}) => ({ name, type: 'text', count: 1, missing: 0, nan: 0, infinite: 0, invalid: 0, distinct: { value: 1, exact: true }, warnings: [], ...more });
  const all = [column('b10', { missing: 2 }), column('b9', { warnings: [{ kind: 'spaces', count: 3, text: '' }] }), column('A', { nan: 5, type: 'number' })];
  const names = (search, sort) => cards.chosen(all, search, sort, 'en').map(({ name }) => name);

  test('are searched and sorted', () => {
    assert.deepEqual(names('', 'position'), ['b10', 'b9', 'A']);
    assert.deepEqual(names('', 'name'), ['A', 'b9', 'b10']);
    assert.deepEqual(names('', 'missing'), ['A', 'b10', 'b9']);
    assert.deepEqual(names('', 'warnings'), ['b9', 'b10', 'A']);
    assert.deepEqual(names('', 'type'), ['A', 'b10', 'b9']);
    assert.deepEqual(names('B 1', 'position'), ['b10']);
    assert.deepEqual(all.map(({ name }) => name), ['b10', 'b9', 'A']);
  });

  test('bars fill their box', () => {
    const bars = chart.bars({ edges: [0, 1, 4], counts: [2, 8] }, 100, 40);
    assert.deepEqual(bars.map(({ x, width, height }) => [x, width, height]), [[0, 25, 10], [25, 75, 40]]);
    assert.equal(chart.bars({ edges: [0, 1, 2], counts: [0, 1e9] }, 100, 40)[0].height, 0);
    assert.equal(chart.bars({ edges: [0, 1, 2], counts: [1, 1e9] }, 100, 40)[0].height, 1);
    const days = chart.bars({ edges: ['2020-01-01', '2020-01-02', '2020-01-04'], counts: [1, 1] }, 90, 10);
    assert.deepEqual(days.map(({ width }) => Math.round(width)), [30, 60]);
  });

  test('quartiles have their place', () => {
    const of = (more) => chart.box({ min: 0, max: 10, mean: 5, quantiles: { p25: 2, p50: 5, p75: 9, exact: true }, ...more });
    assert.deepEqual(of({}), { p25: 0.2, p50: 0.5, p75: 0.9, mean: 0.5 });
    assert.equal(of({ max: 0 }), undefined);
    assert.equal(of({ quantiles: null }), undefined);
  });
});

test('conditions', () => {
  assert.equal(expression.condition('qty', '>', '5', false), 'qty > 5');
  assert.equal(expression.condition('Dep Delay', '=', "it's", false), `"Dep Delay" = 'it''s'`);
  assert.equal(expression.condition('date', '>=', '2026-01-01', false), `"date" >= '2026-01-01'`);
  assert.equal(expression.condition('code', '=', '007', true), "code = '007'");
  assert.equal(expression.condition('a"b', 'is null', '', false), '"a""b" is null');
  assert.equal(expression.both('a = 1 or b = 2', 'c = 3'), '(a = 1 or b = 2) and c = 3');
  assert.equal(expression.both('', 'c = 3'), 'c = 3');
});

test('conditions are what the core takes', () => {
  const flights = join(corpus, 'flights.csv');
  const filter = [['carrier', '=', 'UA', true], ['dep_delay', '>', '15', false], ['tailnum', 'like', 'N%', true], ['dep_time', 'is not null', '', false]]
    .map((parts) => expression.condition(...parts))
    .reduce(expression.both, '');
  const { report, failure } = ran(toml({ tidemill: 1, step: [{ filter }] }), flights);
  assert.equal(failure, undefined);
  const { rows } = JSON.parse(report);
  assert.ok(rows.out > 0 && rows.filtered > 0);
});

test('numbers as languages write them', () => {
  const [en, zh] = ['en', 'zh-Hans'].map((tag) => formats.formats(tag));
  assert.equal(en.count(5026), '5,026');
  assert.equal(en.value(2013), '2013');
  assert.equal(en.value(20130), '20,130');
  assert.equal(en.figure(1 / 3), '0.333333');
  assert.equal(en.percent(0.0081), '0.81%');
  assert.equal(en.bytes(776_000_000), '776 MB');
  assert.equal(en.bytes(2998), '3 kB');
  assert.equal(en.seconds(0.2), '1 sec');
  assert.equal(en.seconds(200), '4 min');
  assert.equal(zh.seconds(200), '4分钟');
  assert.equal(zh.date(Date.UTC(2026, 10, 24, 12)), '2026年11月24日');
});

test('the way home', () => {
  assert.equal(way.wayFor(1e9, true, undefined), 'disk');
  assert.equal(way.wayFor(1e9, false, 2e9), 'opfs');
  assert.equal(way.wayFor(1e9, false, 1e9), 'blob');
  assert.equal(way.wayFor(1e9, false, undefined), 'blob');
});
