import type { Transferable as NodeTransferable, Worker as Thread } from 'node:worker_threads';
import type { Peer } from './host.js';

/** One of Node's threads, as the rest of the package knows workers. */
export function peerOf(thread: Thread): Peer {
  const peer: Peer = {
    postMessage: (message, transfer = []) => thread.postMessage(message, transfer as unknown as NodeTransferable[]),
    onmessage: null,
    onerror: null,
    terminate: () => void thread.terminate(),
  };
  thread.on('message', (data: unknown) => peer.onmessage?.({ data } as MessageEvent));
  thread.on('error', (error: Error) => peer.onerror?.({ message: `${error.name}: ${error.message}` } as ErrorEvent));
  return peer;
}
