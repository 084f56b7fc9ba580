// The module for threads, with a pool of worker_threads.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Worker } from 'node:worker_threads';
import { decoded } from './alone.mjs';

/** Loads the module anew, with a memory of at most `mib` and so many threads. */
export async function start(folder, threads, mib = 1024) {
  const glue = new URL('tidemill.js', folder);
  const { useStarter } = await import(new URL('workers.js', folder));
  const module = await WebAssembly.compile(await readFile(new URL('tidemill_bg.wasm', folder)));
  const instance = await import(`${glue}?${threads}-${mib}-${Math.random()}`);
  const memory = new WebAssembly.Memory({ initial: instance.initialPages, maximum: mib * 16, shared: true });
  instance.initSync({ module, memory });
  instance.limit(mib);
  let workers = [];
  useStarter(async (module, memory, builder) => {
    workers = Array.from({ length: builder.numThreads() }, () =>
      new Worker(new URL('thread.mjs', import.meta.url), {
        workerData: { glue: glue.href, module, memory, receiver: builder.receiver() },
      }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    builder.build();
  });
  await instance.initThreadPool(threads);
  return { instance, memory, threads, stop: () => Promise.all(workers.map((worker) => worker.terminate())) };
}

/** Calls `look` until it is true, and in between waits until the pool has something to tell. */
function until(pool, run, look) {
  const count = () => new Int32Array(pool.memory.buffer);
  const at = run.address() / 4;
  for (;;) {
    const seen = Atomics.load(count(), at);
    if (look()) return;
    if (Atomics.wait(count(), at, seen, 20_000) === 'timed-out') throw new Error('nothing came for 20 seconds');
  }
}

/** Runs a recipe over bytes that are fed in pieces of `piece` bytes, as often as it needs them. */
export function pooled(pool, recipe, name, bytes, { rows, rejects, profile, piece, stopAt = Infinity }) {
  const { instance } = pool;
  const { text, encoding } = decoded(instance, recipe, bytes);
  const mill = new instance.Mill(recipe, name, text.subarray(0, instance.window()), rows, rejects, profile, undefined, encoding);
  const run = mill.pooled(pool.threads);
  const out = [];
  const aside = [];
  const take = () => {
    out.push(run.rows());
    aside.push(run.rejects());
  };
  for (let pass = 1; ; pass += 1) {
    const end = Math.min(text.length, stopAt);
    for (let at = 0; at < end; at += piece) {
      until(pool, run, () => !run.full());
      run.feed(text.subarray(at, Math.min(at + piece, end)));
      take();
    }
    const stopped = end < text.length;
    if (stopped) run.cancel();
    else run.end();
    until(pool, run, () => run.idle());
    take();
    const progress = run.progress();
    const report = run.finish(stopped);
    if (report !== undefined) {
      return { report, rows: Buffer.concat(out), rejects: Buffer.concat(aside), passes: pass, progress };
    }
  }
}
