import type { Source } from './source.js';

/** What goes to and comes from a worker, in a browser and in Node alike. */
export interface Peer {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => unknown) | null;
  onerror: ((event: ErrorEvent) => unknown) | null;
  terminate(): void;
}

/** Where bytes are written; every promise is awaited before more comes. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void> | void;
  /** All is written: what there is to show for it. */
  close(): Promise<Blob | undefined>;
  /** Nothing of it is wanted. */
  abort(reason: unknown): Promise<void>;
}

/** A worker to which nothing refers may be collected while it works, and its siblings wait for it. */
const peers = new Set<Peer>();

/** What an engine asks of its surroundings. Node puts its own in place of the browser's. */
export const host = {
  /** One more worker that runs this very script. */
  spawn(name: string): Peer {
    const peer = new Worker(self.location.href, { type: 'module', name }) as Peer;
    peers.add(peer);
    return peer;
  },
  /** The file at a path, where there are paths; or some of its bytes. */
  open(path: string, _from?: number, _to?: number): Promise<Source> {
    return Promise.reject(new TypeError(`no files by path here: ${path}`));
  },
  create(path: string): Promise<Sink> {
    return Promise.reject(new TypeError(`no files by path here: ${path}`));
  },
  isolated: (): boolean => (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true,
  shares: (): boolean => typeof SharedArrayBuffer === 'function',
  cores: (): number => navigator.hardwareConcurrency || 1,
};
