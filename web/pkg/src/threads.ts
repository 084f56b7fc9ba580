//! For pages that are isolated: without the plain module, and so without a way out if they are not.
import { Mill, type Home, type StartOptions } from './mill.js';
import { workerAt } from './browser.js';
import type { Peer } from './host.js';
export * from './exports.js';

const home: Home = {
  worker: (url) => (url === undefined ? (new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) as Peer) : workerAt(url)),
  threads: () => new URL('./threads.wasm', import.meta.url),
  plain: undefined,
  unpack: () => new URL('./unpack.wasm', import.meta.url),
};

export class Tidemill extends Mill {
  /** An engine with its workers. Rejects if none can be started, or with the signal's reason. */
  static start(options: StartOptions = {}): Promise<Tidemill> {
    return new Tidemill(home, options).launch();
  }
}
