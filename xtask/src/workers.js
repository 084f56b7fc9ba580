// How the threads of the pool are started. A bundler can neither follow a worker that is hidden in
// glue nor should it have to: whoever holds the worker's script says how.
let start;

/**
 * Sets what `initThreadPool` calls: `start(module, memory, builder)`. It starts `builder.numThreads()`
 * workers, each of which calls `initSync({ module, memory })` and then
 * `wbg_rayon_start_worker(builder.receiver())`, and calls `builder.build()` when all of them are
 * about to do the latter.
 */
export function useStarter(starter) {
  start = starter;
}

export async function startWorkers(module, memory, builder) {
  if (start === undefined) throw new Error('useStarter was not called before initThreadPool');
  return start(module, memory, builder);
}
