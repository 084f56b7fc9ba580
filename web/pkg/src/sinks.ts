import type { Output } from './protocol.js';
import { told } from './errors.js';
import { host, type Sink } from './host.js';

/** A sink whose failures say that it was the output that failed. */
export async function created(output: Output, place: string): Promise<Sink> {
  const failed = (error: unknown): never => {
    throw told(error, place);
  };
  const sink = await bare(output).catch(failed);
  return {
    async write(bytes) {
      try {
        await sink.write(bytes);
      } catch (error) {
        failed(error);
      }
    },
    close: () => sink.close().catch(failed),
    abort: (reason) => sink.abort(reason),
  };
}

async function bare(output: Output): Promise<Sink> {
  if (output === 'blob') return new Parts();
  if ('path' in output) return host.create(output.path);
  if ('port' in output) return new Pushed(output.port);
  if ('handle' in output) return writable(output.handle);
  return opfs(output.opfs);
}

/** Parts of this size are handed to the browser, which may keep them on disk. */
const PART = 8 << 20;

class Parts implements Sink {
  private parts: Blob[] = [];
  private held: Uint8Array<ArrayBuffer>[] = [];
  private size = 0;

  write(bytes: Uint8Array): void {
    this.held.push(bytes as Uint8Array<ArrayBuffer>);
    this.size += bytes.length;
    if (this.size >= PART) this.flush();
  }

  private flush(): void {
    this.parts.push(new Blob(this.held));
    this.held = [];
    this.size = 0;
  }

  async close(): Promise<Blob> {
    this.flush();
    return new Blob(this.parts, { type: 'text/csv' });
  }

  async abort(): Promise<void> {
    this.parts = [];
    this.held = [];
  }
}

/** A stream of the page: what was sent is written there before more is. */
class Pushed implements Sink {
  constructor(private readonly port: MessagePort) {}

  private say(message: unknown, transfer: Transferable[] = []): Promise<void> {
    return new Promise((resolve, reject) => {
      this.port.onmessage = ({ data }: { data: { failed?: unknown } }) => {
        if ('failed' in data) reject(data.failed);
        else resolve();
      };
      this.port.postMessage(message, transfer);
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.say({ piece: bytes }, [bytes.buffer as ArrayBuffer]);
  }

  async close(): Promise<undefined> {
    await this.say('close');
    this.port.close();
    return undefined;
  }

  async abort(reason: unknown): Promise<void> {
    this.port.postMessage({ abort: reason });
    this.port.close();
  }
}

/** A file that the person chose; it changes when all is written, or not at all. */
async function writable(handle: FileSystemFileHandle): Promise<Sink> {
  const stream = await handle.createWritable();
  return {
    write: (bytes) => stream.write(bytes as Uint8Array<ArrayBuffer>),
    close: async () => {
      await stream.close();
      return undefined;
    },
    abort: (reason) => stream.abort(reason),
  };
}

/** What only workers have of a file's handle. */
interface Direct {
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

/** The browser's own storage for this origin, through a handle that writes without waiting. */
async function opfs(name: string): Promise<Sink> {
  const folder = await navigator.storage.getDirectory();
  const handle = await folder.getFileHandle(name, { create: true });
  const file = await (handle as unknown as { createSyncAccessHandle(): Promise<Direct> }).createSyncAccessHandle();
  file.truncate(0);
  let at = 0;
  return {
    write(bytes) {
      while (bytes.length > 0) {
        const took = file.write(bytes, { at });
        if (took === 0) throw new DOMException(`${at} bytes were written to ${name}`, 'QuotaExceededError');
        at += took;
        bytes = bytes.subarray(took);
      }
    },
    async close() {
      file.flush();
      file.close();
      return handle.getFile();
    },
    async abort() {
      file.close();
      await folder.removeEntry(name);
    },
  };
}
