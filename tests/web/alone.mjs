// One job in one instance of the module: bytes in pieces in, report, rows and rejects out.
import { readFile } from 'node:fs/promises';

let loaded = 0;

/** Loads the module that `xtask wasm` made in `folder` anew, with a memory of at most `mib`. */
export async function load(folder, mib = 1024) {
  loaded += 1;
  const module = await import(new URL(`tidemill.js?${loaded}`, folder));
  const memory = new WebAssembly.Memory({ initial: module.initialPages, maximum: mib * 16 });
  await module.default({ module_or_path: await readFile(new URL('tidemill_bg.wasm', folder)), memory });
  module.limit(mib);
  return module;
}

/** Bytes as the module takes them, and what they were decoded from, if they had to be. */
export function decoded(module, recipe, bytes) {
  const encoding = module.encoding(recipe, bytes.subarray(0, module.window()));
  if (encoding === undefined) return { text: bytes, encoding };
  return { text: new TextEncoder().encode(new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes)), encoding };
}

/** Runs a recipe over bytes that are fed in pieces of `piece` bytes, as often as it needs them. */
export function alone(module, recipe, name, bytes, { rows, rejects, profile, piece }) {
  const { text, encoding } = decoded(module, recipe, bytes);
  const mill = new module.Mill(recipe, name, text.subarray(0, module.window()), rows, rejects, profile, undefined, encoding);
  const run = mill.alone();
  const out = [];
  const aside = [];
  for (let pass = 1; ; pass += 1) {
    for (let at = 0; at < text.length; at += piece) {
      run.feed(text.subarray(at, at + piece));
      out.push(run.rows());
      aside.push(run.rejects());
    }
    run.end();
    out.push(run.rows());
    aside.push(run.rejects());
    const report = run.finish(false);
    if (report !== undefined) {
      return { report, rows: Buffer.concat(out), rejects: Buffer.concat(aside), passes: pass };
    }
  }
}

/** The same by several hands, each of which gets parcels in turn and answers out of order. */
export function together(module, recipe, name, bytes, { rows, rejects, profile, piece, hands }) {
  const { text, encoding } = decoded(module, recipe, bytes);
  const mill = new module.Mill(recipe, name, text.subarray(0, module.window()), rows, rejects, profile, undefined, encoding);
  let turn = mill.first();
  for (let pass = 1; ; pass += 1) {
    const saw = turn.cutter();
    const team = Array.from({ length: hands }, () => turn.hand());
    const gather = turn.gatherer();
    const answers = [];
    const work = () => {
      for (let parcel = saw.pop(); parcel !== undefined; parcel = saw.pop()) {
        answers.push(team[answers.length % hands].work(parcel));
      }
    };
    for (let at = 0; at < text.length; at += piece) {
      saw.feed(text.subarray(at, at + piece));
      work();
    }
    saw.end();
    work();
    for (const answer of answers.reverse()) gather.push(answer);
    for (const hand of team) gather.share(hand.share());
    const lesson = gather.lesson();
    const out = Buffer.from(gather.rows());
    const aside = Buffer.from(gather.rejects());
    const report = gather.finish(saw.bytes(), false);
    if (report !== undefined) return { report, rows: out, rejects: aside, passes: pass };
    turn = turn.next(lesson);
  }
}
