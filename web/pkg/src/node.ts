//! For Node: workers are worker_threads, and a path is an input and an output too.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Worker as Thread } from 'node:worker_threads';
import { Mill, type Home, type StartOptions } from './mill.js';
import { pumped } from './ports.js';
import { peerOf } from './node-peer.js';
export * from './exports.js';

const beside = (name: string): Uint8Array => readFileSync(new URL(name, import.meta.url));

/** The path that an input or an output names: `{ path }` or an address `file:`; as an input also a text of one line. */
function path(it: unknown, text: boolean): string | undefined {
  if (it instanceof URL && it.protocol === 'file:') return fileURLToPath(it);
  if (text && typeof it === 'string' && it !== '' && !/[\r\n]/.test(it)) return it;
  if (typeof it === 'object' && it !== null && 'path' in it && typeof it.path === 'string' && !(it instanceof Readable) && !(it instanceof Writable)) {
    return it.path;
  }
  return undefined;
}

const home: Home = {
  worker: (url) => peerOf(new Thread(url === undefined ? new URL('./node-worker.js', import.meta.url) : new URL(url))),
  plain: () => beside('plain.wasm'),
  threads: () => beside('threads.wasm'),
  unpack: () => beside('unpack.wasm'),
  input(input) {
    const at = path(input, true);
    if (at !== undefined) return { input: { path: at }, name: basename(at), ports: [] };
    if (input instanceof Readable) {
      const port = pumped(Readable.toWeb(input) as ReadableStream<Uint8Array>);
      return { input: { port }, name: '-', ports: [port] };
    }
    return undefined;
  },
  output(output) {
    const at = path(output, false);
    if (at !== undefined) return { output: { path: at }, ports: [] };
    if (output instanceof Writable) {
      const port = pumped(Writable.toWeb(output) as WritableStream<Uint8Array>);
      return { output: { port }, ports: [port] };
    }
    return undefined;
  },
};

export class Tidemill extends Mill {
  /** An engine with its workers. Rejects if none can be started, or with the signal's reason. */
  static start(options: StartOptions = {}): Promise<Tidemill> {
    return new Tidemill(home, options).launch();
  }
}
