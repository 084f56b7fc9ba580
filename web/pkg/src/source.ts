import type { Input } from './protocol.js';
import { fault } from './errors.js';
import { host } from './host.js';

/** Bytes in pieces. A piece is the reader's until it asks for the next but one. */
export interface Source {
  /** Bytes in all, if that is known. */
  readonly total: number | undefined;
  /** Bytes of the input that were read, where others are given. */
  readonly taken?: number;
  /** The next piece; nothing at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Once more from the beginning. */
  rewind(): Promise<void>;
  cancel(): Promise<void>;
  /** Some of its bytes, where any can be had at any time. */
  part?(from: number, to: number): Promise<Source>;
}

/** The first bytes of a source, and the pieces that hold them; the last is undefined at its end. */
export async function looked(source: Source, size: number): Promise<{ window: Uint8Array; read: (Uint8Array | undefined)[] }> {
  const read: (Uint8Array | undefined)[] = [];
  let length = 0;
  while (length < size) {
    const piece = await source.read();
    // A piece is lent for a while only, and these are kept.
    read.push(piece?.slice());
    if (piece === undefined) break;
    length += piece.length;
  }
  const window = new Uint8Array(Math.min(length, size));
  let at = 0;
  for (const piece of read) {
    if (piece === undefined) break;
    const part = piece.subarray(0, window.length - at);
    window.set(part, at);
    at += part.length;
  }
  return { window, read };
}

/** As large as pays: reads of a megabyte cost a fifth of the throughput. */
const PIECE = 4 << 20;

export async function opened(input: Input, place: string): Promise<Source> {
  if ('bytes' in input) return new Bytes(input.bytes);
  if ('blob' in input) return new Blobs([input.blob], input.blob.size, place);
  if ('path' in input) return host.open(input.path);
  return new Pulled(input.port);
}

class Bytes implements Source {
  readonly total: number;
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.total = bytes.length;
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.at === this.bytes.length) return undefined;
    const piece = this.bytes.subarray(this.at, this.at + PIECE);
    this.at += piece.length;
    return piece;
  }

  async rewind(): Promise<void> {
    this.at = 0;
  }

  async part(from: number, to: number): Promise<Source> {
    return new Bytes(this.bytes.subarray(from, to));
  }

  async cancel(): Promise<void> {}
}

/** Blobs one after the other. The next piece is on its way while one is worked on. */
class Blobs implements Source {
  private index = 0;
  private next: Promise<Uint8Array | undefined> | undefined;
  private reader: Reader | undefined;
  private seen = 0;

  constructor(private readonly blobs: Blob[], readonly total: number, private readonly place: string) {}

  async read(): Promise<Uint8Array | undefined> {
    const piece = await (this.next ?? this.fetch());
    this.next = undefined;
    if (piece === undefined) {
      if (this.seen !== this.total) {
        throw fault('io', this.place, `${this.seen} bytes, where ${this.total} were announced`,
          'a file that stays as it is while it is read', 'it was changed while it was read: choose it again');
      }
      return undefined;
    }
    this.seen += piece.length;
    this.next = this.fetch();
    // Its failure is met when it is asked for.
    this.next.catch(() => {});
    return piece;
  }

  private async fetch(): Promise<Uint8Array | undefined> {
    for (;;) {
      const blob = this.blobs[this.index];
      if (blob === undefined) return undefined;
      this.reader ??= reader(blob);
      const piece = await this.reader.read();
      if (piece !== undefined) return piece;
      this.reader = undefined;
      this.index += 1;
    }
  }

  async rewind(): Promise<void> {
    await this.cancel();
    this.index = 0;
    this.seen = 0;
    this.next = undefined;
    this.reader = undefined;
  }

  async cancel(): Promise<void> {
    await this.next?.catch(() => {});
    await this.reader?.cancel();
  }

  async part(from: number, to: number): Promise<Source> {
    return opened({ blob: new Blob(this.blobs).slice(from, to) }, this.place);
  }
}

/**
 * Streams that are being read. Nothing but a read that is under way refers to them otherwise, and
 * Chromium then may collect a stream with the promise that waits for it, which never ends.
 */
const live = new Set<ReadableStreamBYOBReader>();

interface Reader {
  read(): Promise<Uint8Array | undefined>;
  cancel(): Promise<void>;
}

/** The fastest way that the host has: a stream that fills buffers of ours, else slices. */
function reader(blob: Blob): Reader {
  try {
    const stream = blob.stream().getReader({ mode: 'byob' });
    live.add(stream);
    // One buffer is being filled, one is with the reader.
    const spare: ArrayBuffer[] = [];
    let lent: ArrayBuffer[] = [];
    return {
      async read() {
        if (lent.length === 2) spare.push(lent.shift() as ArrayBuffer);
        let view = new Uint8Array(spare.pop() ?? new ArrayBuffer(PIECE));
        // A piece that is nearly full is worth waiting for.
        let filled = 0;
        for (;;) {
          const { value, done } = await stream.read(view.subarray(filled));
          if (value === undefined) return undefined;
          view = new Uint8Array(value.buffer);
          filled += value.byteLength;
          if (done || filled === view.length) break;
        }
        lent.push(view.buffer);
        if (filled > 0) return view.subarray(0, filled);
        live.delete(stream);
        return undefined;
      },
      cancel: () => {
        live.delete(stream);
        return stream.cancel();
      },
    };
  } catch {
    let at = 0;
    return {
      async read() {
        if (at >= blob.size) return undefined;
        const piece = new Uint8Array(await blob.slice(at, at + PIECE).arrayBuffer());
        at += piece.length;
        return piece.length === 0 ? undefined : piece;
      },
      cancel: async () => {},
    };
  }
}

/** A stream of the page, piece by piece. It is kept as blobs if it is needed once more. */
class Pulled implements Source {
  readonly total = undefined;
  private kept: Blob[] | undefined = [];
  private size = 0;
  private next: Promise<Uint8Array | undefined> | undefined;
  private again: Blobs | undefined;

  constructor(private readonly port: MessagePort) {}

  /** Only the first pass is to come: nothing needs to be kept. */
  once(): void {
    this.kept = undefined;
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.again) return this.again.read();
    const piece = await (this.next ?? this.pull());
    if (piece === undefined) return undefined;
    this.next = this.pull();
    this.next.catch(() => {});
    this.kept?.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
    this.size += piece.length;
    return piece;
  }

  private pull(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.port.onmessage = ({ data }: { data: { piece?: Uint8Array; failed?: unknown } }) => {
        if ('failed' in data) reject(data.failed);
        else resolve(data.piece);
      };
      this.port.postMessage('pull');
    });
  }

  async rewind(): Promise<void> {
    if (this.kept === undefined) throw new Error('a stream is read once');
    this.again = new Blobs(this.kept, this.size, '-');
  }

  async cancel(): Promise<void> {
    this.port.postMessage('cancel');
    this.port.close();
  }
}

/** Tells a source how often it will be read. */
export function readOnce(source: Source): void {
  if (source instanceof Pulled) source.once();
}
