//! The script of Node's workers: what a browser's worker has, and files by path.
import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Worker as Thread, parentPort } from 'node:worker_threads';
import { fault } from './errors.js';
import { host } from './host.js';
import { peerOf } from './node-peer.js';
import { listen } from './roles.js';

const PIECE = 4 << 20;

host.spawn = () => peerOf(new Thread(new URL(import.meta.url)));
// Threads of Node always can share memory.
host.isolated = () => true;
host.cores = availableParallelism;

host.open = async (path, from = 0, to) => {
  const file = await failing(path, () => open(path));
  const total = to === undefined ? (await failing(path, () => file.stat())).size : to - from;
  // One is read into while the other is worked on.
  const buffers = [new Uint8Array(PIECE), new Uint8Array(PIECE)];
  let at = 0;
  let next: Promise<Uint8Array | undefined> | undefined;
  const fetch = async (): Promise<Uint8Array | undefined> => {
    const buffer = buffers.reverse()[0] as Uint8Array;
    const { bytesRead } = await failing(path, () => file.read(buffer, 0, to === undefined ? PIECE : Math.min(PIECE, total - at), from + at));
    at += bytesRead;
    return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
  };
  return {
    total,
    async read() {
      const piece = await (next ?? fetch());
      next = undefined;
      if (piece !== undefined) {
        next = fetch();
        next.catch(() => {});
      } else if (at < total) {
        throw fault('io', path, `${at} bytes, where ${total} were announced`, 'a file that stays as it is while it is read', 'it was changed while it was read');
      }
      return piece;
    },
    async rewind() {
      await next?.catch(() => {});
      next = undefined;
      at = 0;
    },
    async cancel() {
      await next?.catch(() => {});
      await file.close();
    },
    part: (first, end) => host.open(path, first, end),
  };
};

host.create = async (path) => {
  // What has the name is whole, before and after.
  const part = `${path}.${randomBytes(4).toString('hex')}.part`;
  const file = await failing(path, () => open(part, 'wx'));
  return {
    write: async (bytes) => {
      for (let from = 0; from < bytes.length; ) from += (await failing(path, () => file.write(bytes, from))).bytesWritten;
    },
    close: async () => {
      await failing(path, () => file.sync());
      await file.close();
      await failing(path, () => rename(part, path));
      return undefined;
    },
    abort: async () => {
      await file.close();
      await rm(part, { force: true });
    },
  };
};

async function failing<T>(path: string, what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    throw fault('io', path, (error as Error).message, 'a file that can be read or written');
  }
}

const port = parentPort;
if (port !== null) {
  const take = listen((message, transfer = []) => port.postMessage(message, transfer as never));
  port.on('message', take);
}
