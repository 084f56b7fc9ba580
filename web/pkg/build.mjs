// Builds dist/ from src/ and from the modules that `xtask wasm` made in the folder TIDEMILL_WASM
// (target/web of the project if absent).
import { build } from 'esbuild';
import { compile } from 'json-schema-to-typescript';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const wasm = process.env.TIDEMILL_WASM ?? join(root, 'target/web');
const [dist, glue, generated] = ['dist', 'glue', 'src/generated'].map((name) => join(here, name));
for (const folder of [dist, glue, generated]) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
}

for (const mode of ['plain', 'threads']) {
  const from = join(wasm, mode);
  if (!existsSync(from)) throw new Error(`${from} is missing: cargo run --profile ci -p xtask -- wasm target/web`);
  cpSync(from, join(glue, mode), { recursive: true });
  cpSync(join(from, 'tidemill_bg.wasm'), join(dist, `${mode}.wasm`));
  // The package fetches the module itself, and frees by name what it frees.
  const script = join(glue, mode, 'tidemill.js');
  const text = readFileSync(script, 'utf8').replaceAll(/^if \(Symbol\.dispose\).*$/gm, '');
  const own = text.replace('export { initSync, __wbg_init as default };', 'export { initSync };');
  if (own === text) throw new Error(`${script} has no way of starting that is known here`);
  writeFileSync(script, own);
}
cpSync(join(wasm, 'unpack.wasm'), join(dist, 'unpack.wasm'));

// Types come from the schemas that the core prints.
const schemas = Object.fromEntries(['Recipe', 'Report', 'Preview'].map((name) => [name, readFileSync(join(wasm, 'schemas', `${name.toLowerCase()}.json`), 'utf8')]));
writeFileSync(join(dist, 'recipe.schema.json'), schemas.Recipe);
for (const [name, text] of Object.entries(schemas)) {
  const types = await compile({ ...JSON.parse(text), title: name }, name, { bannerComment: '// Made from the schema that the core prints.', additionalProperties: false });
  writeFileSync(join(generated, `${name.toLowerCase()}.ts`), types);
}

const common = {
  bundle: true,
  format: 'esm',
  minify: true,
  legalComments: 'none',
  outdir: dist,
  entryNames: '[name]',
  logLevel: 'warning',
};
const entries = (...names) => names.map((name) => join(here, 'src', `${name}.ts`));
await build({
  ...common,
  entryPoints: entries('index', 'threads', 'plain', 'cdn', 'worker', 'isolate', 'isolate-worker', 'node', 'node-worker'),
  // What entries share is in files of its own, so that nothing is in the package twice.
  splitting: true,
  chunkNames: 'shared-[hash]',
  external: ['node:*'],
  target: ['es2022', 'node20'],
});
execFileSync(process.execPath, [join(here, 'node_modules/typescript/bin/tsc'), '-p', here], { stdio: 'inherit' });
for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(root, licence), join(here, licence));

const size = (name) => gzipSync(readFileSync(join(dist, name)), { level: 9 }).length;
const scripts = readdirSync(dist).filter((name) => name.endsWith('.js'));
for (const name of ['plain.wasm', 'threads.wasm', 'unpack.wasm', ...scripts]) console.log(`${name}: ${size(name)} bytes gzipped`);
/** What an entry loads: itself, and what it imports. */
const loaded = (name, seen = new Set()) => {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const [, next] of readFileSync(join(dist, name), 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)) loaded(next, seen);
  return seen;
};
const sum = (names) => [...names].reduce((total, name) => total + size(name), 0);
console.log(`JavaScript that a page loads: ${sum(new Set([...loaded('index.js'), ...loaded('worker.js')]))} bytes gzipped`);
console.log(`JavaScript of the package in all: ${sum(scripts)} bytes gzipped`);
