import type { Source } from './source.js';

/**
 * Text in an encoding that needs tables, as UTF-8. The decoder is the WHATWG's, as is that of the command, so
 * the same bytes become the same text in both. How many bytes come out is not known before the end.
 */
export class Decoded implements Source {
  readonly total = undefined;
  private decoder: TextDecoder;
  private readonly encoder = new TextEncoder();
  private ended = false;

  /** `read` are pieces that were read already; the last is undefined at the end. */
  constructor(private readonly inner: Source, private head: (Uint8Array | undefined)[], private readonly encoding: string) {
    this.decoder = new TextDecoder(encoding, { ignoreBOM: true });
  }

  async read(): Promise<Uint8Array | undefined> {
    while (!this.ended) {
      const piece = this.head.length > 0 ? this.head.shift() : await this.inner.read();
      this.ended = piece === undefined;
      const text = piece === undefined ? this.decoder.decode() : this.decoder.decode(piece, { stream: true });
      if (text.length > 0) return this.encoder.encode(text);
    }
    return undefined;
  }

  async rewind(): Promise<void> {
    await this.inner.rewind();
    this.head = [];
    this.ended = false;
    this.decoder = new TextDecoder(this.encoding, { ignoreBOM: true });
  }

  cancel(): Promise<void> {
    return this.inner.cancel();
  }
}
