//! For pages that are not isolated: instances, or one, without the module for threads.
import { Mill, type Home, type StartOptions } from './mill.js';
import { workerAt } from './browser.js';
import type { Peer } from './host.js';
export * from './exports.js';

const home: Home = {
  worker: (url) => (url === undefined ? (new Worker(new URL('./worker.js', import.meta.url), { type: 'module' }) as Peer) : workerAt(url)),
  plain: () => new URL('./plain.wasm', import.meta.url),
  threads: undefined,
  unpack: () => new URL('./unpack.wasm', import.meta.url),
};

export class Tidemill extends Mill {
  /** An engine with its workers. Rejects if none can be started, or with the signal's reason. */
  static start(options: StartOptions = {}): Promise<Tidemill> {
    return new Tidemill(home, options).launch();
  }
}
