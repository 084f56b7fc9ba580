//! For pages without a bundler, from the same host or another. A worker's script must come from the
//! page's own origin, so a script of one line that imports it stands in for one from elsewhere.
import { Mill, type Home, type StartOptions } from './mill.js';
import { workerAt } from './browser.js';
export * from './exports.js';

const beside = (name: string): URL => new URL(name, import.meta.url);

const home: Home = {
  worker: (url) => workerAt(url ?? beside('worker.js')),
  plain: () => beside('plain.wasm'),
  threads: () => beside('threads.wasm'),
  unpack: () => beside('unpack.wasm'),
};

export class Tidemill extends Mill {
  /** An engine with its workers. Rejects if none can be started, or with the signal's reason. */
  static start(options: StartOptions = {}): Promise<Tidemill> {
    return new Tidemill(home, options).launch();
  }
}
