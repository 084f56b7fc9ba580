// Measures the package in Chromium beside the native command and DuckDB-WASM: one machine, one run,
// interleaved rounds, medians. Prints a report in Markdown.
//
// node tests/web/bench/run.mjs --file FILE [--rounds 5] [--duckdb-file FILE] [--write FILE]
//
// FILE is the flights that `just bench` makes. CPU seconds are of all processes of the browser; its
// start and that of the engine are not part of a figure, the start of the native command is.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'esbuild';
import { choose, host, launch, open } from '../browser/browsers.mjs';
import { seconds } from '../browser/proc.mjs';
import { serve } from '../browser/serve.mjs';
import { folder, root } from '../command.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const { values: given } = parseArgs({
  options: {
    file: { type: 'string', default: join(root, 'target/bench/flights.csv') },
    'duckdb-file': { type: 'string' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'string' },
  },
});
const bin = process.env.TIDEMILL_BIN ?? join(root, 'target/release/tidemill');
const rounds = Number(given.rounds);
if (!existsSync(given.file)) throw new Error(`${given.file} is missing: \`just bench\` makes it, or give --file`);

const NAMES = ['dep_delay', 'arr_delay', 'air_time'];
const recipe = `tidemill = 1\n[[reduce]]\nname = "means"\nvalues = [${NAMES.map((name) => `"mean(${name})"`).join(', ')}]\n`;
writeFileSync(join(folder(), 'means.toml'), recipe);

function native(threads, task, file) {
  const report = join(folder(), 'report.json');
  const what = task === 'means' ? ['run', 'means.toml', file, '--report', report] : ['profile', '--format', 'json', file];
  const script = 'TIMEFORMAT="%R %U %S"; out=$1; shift; time "$@" >"$out"';
  const printed = join(folder(), 'printed');
  const run = spawnSync('bash', ['-c', script, 'bash', printed, bin, ...what, '-j', String(threads)], { cwd: folder(), encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  const [wall, user, system] = run.stderr.trim().split('\n').at(-1).split(' ').map(Number);
  return { wall, cpu: user + system, answer: readFileSync(task === 'means' ? report : printed, 'utf8') };
}

/** A tab with a mill of its own in a browser of its own. */
async function tab(isolated, start, file) {
  const site = await host({ isolated });
  const browser = await launch();
  const page = await open(browser, site, [file]);
  const mill = await page.evaluate((options) => harness.start(options), start);
  assert.equal(mill.mode, start.mode, mill.why);
  return {
    async run(task) {
      const pid = browser.process().pid;
      const before = seconds(pid);
      const { json, ms } = await page.evaluate(
        async (name, text) => {
          const from = performance.now();
          const input = harness.file(name);
          const report = text === undefined ? await globalThis.mill.profile(input) : (await globalThis.mill.run(text, input)).report;
          return { json: report.json, ms: performance.now() - from };
        },
        basename(file),
        task === 'means' ? recipe : undefined,
      );
      return { wall: ms / 1000, cpu: seconds(pid) - before, answer: json };
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

const SQL = {
  means: `SELECT ${NAMES.map((name) => `avg(${name}) AS ${name}`).join(', ')} FROM read_csv('input.csv', nullstr = 'NA')`,
  profile: "SUMMARIZE SELECT * FROM read_csv('input.csv', nullstr = 'NA')",
};

async function duckdb(file) {
  const out = join(folder(), 'duckdb-page');
  mkdirSync(out, { recursive: true });
  await build({ entryPoints: [join(here, 'page/duckdb.js')], bundle: true, format: 'esm', outdir: out, logLevel: 'warning' });
  writeFileSync(join(out, 'index.html'), readFileSync(join(here, 'page/index.html')));
  const site = await serve({ '/': out, '/duckdb/': join(here, 'node_modules/@duckdb/duckdb-wasm/dist') }, { isolated: false, csp: '' });
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(`${site.origin}/`);
  await page.waitForFunction('globalThis.duckdb !== undefined');
  await choose(page, [file]);
  const version = await page.evaluate(() => globalThis.duckdb.start());
  return {
    version,
    async run(task) {
      const pid = browser.process().pid;
      const before = seconds(pid);
      const found = await page.evaluate((sql) => globalThis.duckdb.query(sql), SQL[task]);
      return { wall: found.seconds, cpu: seconds(pid) - before, rows: found.rows };
    },
    async close() {
      await browser.close();
      await site.close();
    },
  };
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Means as DuckDB gives them are those of the report, up to what summing floats in another order makes. */
function agree(rows, report) {
  const exact = Object.values(JSON.parse(report).reductions.means.rows[0]).flat();
  NAMES.forEach((name, index) => {
    const found = Number(rows[0][name]);
    assert.ok(Math.abs(found - exact[index]) <= 1e-9 * Math.abs(found), `${name}: ${found} instead of ${exact[index]}`);
  });
}

await new Promise((resolve, reject) => createReadStream(given.file).on('error', reject).on('end', resolve).resume());
const megabytes = statSync(given.file).size / 1e6;
const load = loadavg()[0];
const idle = spent();
const started = performance.now();

/** CPU seconds that the whole machine has used. */
function spent() {
  return cpus().reduce((sum, { times }) => sum + (times.user + times.nice + times.sys + times.irq) / 1000, 0);
}

const tabs = [
  ['Chromium, threads, 2', { mode: 'threads', threads: 2 }, true, 2],
  ['Chromium, threads, 1', { mode: 'threads', threads: 1 }, true, 1],
  ['Chromium, instances, 2', { mode: 'instances', threads: 2 }, false, 2],
  ['Chromium, plain', { mode: 'plain' }, false, 1],
];
const ways = [
  { name: 'native, -j 2', threads: 2, run: (task) => native(2, task, given.file) },
  { name: 'native, -j 1', threads: 1, run: (task) => native(1, task, given.file) },
];
for (const [name, start, isolated, threads] of tabs) {
  const opened = await tab(isolated, start, given.file);
  ways.push({ name, threads, run: (task) => opened.run(task), close: () => opened.close() });
}

let measured = 0;
const figures = new Map();
for (let round = 0; round < rounds; round += 1) {
  for (const task of ['means', 'profile']) {
    const expected = figures.get(`answer ${task}`);
    for (const way of round % 2 ? [...ways].reverse() : ways) {
      const { wall, cpu, answer } = await way.run(task);
      measured += cpu;
      if (expected === undefined) figures.set(`answer ${task}`, answer);
      assert.equal(answer, figures.get(`answer ${task}`), `${way.name} gave other bytes`);
      const key = `${task} ${way.name}`;
      figures.set(key, [...(figures.get(key) ?? []), { wall, cpu }]);
      console.error(`${round + 1}/${rounds} ${key}: ${wall.toFixed(2)} s, ${cpu.toFixed(2)} CPU s`);
    }
  }
}
for (const way of ways) await way.close?.();

const of = (task, name, what) => median(figures.get(`${task} ${name}`).map((figure) => figure[what]));
const lines = [];
for (const [task, title] of [['means', `Three means: ${NAMES.join(', ')}`], ['profile', 'Profile']]) {
  lines.push(`### ${title}`, '', '| way | wall s | MB/s | CPU s | MB per CPU s | of native, same threads |', '| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const { name, threads } of ways) {
    const [wall, cpu] = [of(task, name, 'wall'), of(task, name, 'cpu')];
    const share = name.startsWith('native') ? '-' : (of(task, `native, -j ${threads}`, 'wall') / wall).toFixed(2);
    lines.push(`| ${name} | ${wall.toFixed(2)} | ${(megabytes / wall).toFixed(0)} | ${cpu.toFixed(2)} | ${(megabytes / cpu).toFixed(0)} | ${share} |`);
  }
  lines.push('');
}

// DuckDB-WASM and the plain module take turns over the same file.
const peer = given['duckdb-file'] ?? given.file;
const size = statSync(peer).size / 1e6;
const duck = await duckdb(peer);
const plain = await tab(false, { mode: 'plain' }, peer);
const turns = { means: { duckdb: [], plain: [] }, profile: { duckdb: [], plain: [] } };
for (let round = 0; round < rounds; round += 1) {
  for (const task of ['means', 'profile']) {
    const theirs = await duck.run(task);
    const ours = await plain.run(task);
    measured += theirs.cpu + ours.cpu;
    if (task === 'means') agree(theirs.rows, ours.answer);
    else assert.equal(theirs.rows.length, JSON.parse(ours.answer).columns.length);
    turns[task].duckdb.push(theirs);
    turns[task].plain.push(ours);
    console.error(`${round + 1}/${rounds} ${task}: DuckDB ${theirs.cpu.toFixed(2)} CPU s, plain ${ours.cpu.toFixed(2)} CPU s`);
  }
}
await duck.close();
await plain.close();
lines.push(
  `### Beside DuckDB-WASM 1.32.0 (eh, ${duck.version}), over ${size.toFixed(0)} MB`,
  '',
  '| task | way | wall s | CPU s | MB per CPU s | tidemill / DuckDB |',
  '| --- | --- | ---: | ---: | ---: | ---: |',
);
for (const [task, title] of [['means', 'three means'], ['profile', 'SUMMARIZE, our profile']]) {
  const cpu = (way) => median(turns[task][way].map((turn) => turn.cpu));
  const wall = (way) => median(turns[task][way].map((turn) => turn.wall));
  for (const [way, name] of [['plain', 'tidemill, plain'], ['duckdb', 'DuckDB-WASM']]) {
    const share = way === 'plain' ? (cpu('duckdb') / cpu('plain')).toFixed(1) : '-';
    lines.push(`| ${title} | ${name} | ${wall(way).toFixed(2)} | ${cpu(way).toFixed(2)} | ${(size / cpu(way)).toFixed(0)} | ${share} |`);
  }
}
const others = Math.max(0, 1 - measured / (spent() - idle));
const head = [
  `${new Date().toISOString().slice(0, 10)}, ${cpus()[0].model.trim()}, ${cpus().length} cores; load average ${load.toFixed(2)} at the start;`,
  `other work took ${(100 * others).toFixed(0)} % of the CPU that was used in ${((performance.now() - started) / 60_000).toFixed(0)} minutes.`,
  `Input: ${megabytes.toFixed(0)} MB in the page cache; medians of ${rounds} interleaved rounds.`,
];
const text = `${head.join('\n')}\n\n${lines.join('\n')}\n`;
console.log(text);
if (given.write) writeFileSync(given.write, text);
