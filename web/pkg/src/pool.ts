import * as shared from '../glue/threads/tidemill.js';
import { useStarter } from '../glue/threads/workers.js';
import type { Driver } from './drive.js';
import { fault, told } from './errors.js';
import { host, type Peer } from './host.js';
import { compiled, memory, type Mill } from './module.js';
import type { First, Wasm } from './protocol.js';

/** Milliseconds after which a wait looks again, should nobody have rung. */
const NAP = 50;

/** Threads of an instance whose memory they share. */
export interface PoolOf {
  readonly glue: typeof shared;
  readonly memory: WebAssembly.Memory;
  /** MiB. */
  readonly limit: number;
  readonly threads: number;
}

/** Starts the module for threads and its workers; rejects if one of them does not come up in time. */
export async function startPool(wasm: Wasm, most: number | undefined, threads: number, patience: number): Promise<PoolOf> {
  const module = await compiled(wasm, 'start');
  const own = memory(shared.initialPages, most, true);
  shared.initSync({ module, memory: own.memory });
  shared.limit(own.limit);
  useStarter(async (_, __, builder) => {
    // One after the other: Firefox was seen to stand still for ever in the making of a worker while its
    // elder siblings came up.
    for (let number = 1; number <= builder.numThreads(); number += 1) {
      await up(`tidemill-thread-${number}`, { role: 'pool', module, memory: own.memory, receiver: builder.receiver() });
    }
    builder.build();
  });
  let clock: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    clock = setTimeout(() => reject(fault('state', 'start', `the threads did not start within ${patience} ms`, 'workers that start',
      'use mode "instances", or allow more patience')), patience);
  });
  try {
    await Promise.race([shared.initThreadPool(threads), late]);
  } finally {
    clearTimeout(clock);
  }
  return { glue: shared, memory: own.memory, limit: own.limit, threads };
}

/** One thread: it says when it is up, and never leaves its work after that. */
function up(name: string, first: First): Promise<void> {
  return new Promise((resolve, reject) => {
    const peer: Peer = host.spawn(name);
    peer.onmessage = ({ data }) => ('up' in data ? resolve() : reject(told(data.failed, 'start')));
    peer.onerror = (event) => {
      reject(fault('state', 'start', event.message ?? 'a worker could not be started', 'workers that start'));
      // A thread that ends later leaves the others waiting for what it held.
      shared.died();
    };
    peer.postMessage(first);
  });
}

/** What a worker of the pool does, from its first message on. */
export function joinPool(first: Extract<First, { role: 'pool' }>, say: (message: unknown) => void): void {
  try {
    shared.initSync({ module: first.module, memory: first.memory });
  } catch (error) {
    say({ failed: told(error, 'start') });
    return;
  }
  say({ up: true });
  try {
    shared.wbg_rayon_start_worker(first.receiver);
  } catch {
    // A trap of another kind than a panic. The engine hears of it, and ends the pool.
    shared.died();
  }
}

const napped = (time: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, time));

/** A run on the threads of a pool. */
export function pooled(pool: PoolOf, mill: Mill): Driver {
  const run = (mill as shared.Mill).pooled(pool.threads);
  const at = run.address() / 4;
  /** Until something may have changed: an answer came, or a thread died. */
  const rung = (seen: number): Promise<unknown> => {
    const count = new Int32Array(pool.memory.buffer);
    if (typeof Atomics.waitAsync !== 'function') return napped(1);
    const wait = Atomics.waitAsync(count, at, seen, NAP);
    // Whatever an engine makes of the wait, after a nap it is looked again.
    return wait.async ? Promise.race([wait.value, napped(NAP)]) : Promise.resolve();
  };
  const counted = (): number => Atomics.load(new Int32Array(pool.memory.buffer), at);
  const idle = async (): Promise<void> => {
    for (;;) {
      const seen = counted();
      if (run.idle()) return;
      await rung(seen);
    }
  };
  return {
    busy() {
      const seen = counted();
      return run.full() ? rung(seen) : undefined;
    },
    feed: (bytes) => run.feed(bytes),
    async end() {
      run.end();
      await idle();
    },
    async stop() {
      run.cancel();
      await idle();
    },
    rows: () => run.rows(),
    rejects: () => run.rejects(),
    progress: () => run.progress(),
    async glance() {
      await idle();
      return run.glance();
    },
    finish: (cancelled) => run.finish(cancelled),
    free: () => run.free(),
  };
}
