import { fault } from './errors.js';
import { compiled } from './module.js';
import type { Wasm } from './protocol.js';
import { looked, type Source } from './source.js';

/** What the module `unpack` exports; `crates/tidemill-unpack/src/host.rs` says what each is for. */
interface Exports {
  memory: WebAssembly.Memory;
  start(form: number): void;
  room(length: number): number;
  pull(): number;
  out(): number;
  archive(length: number): number;
  from(): number;
  to(): number;
  look(): number;
}

/** The text of a container. Its module is loaded when the first is met. */
export class Unpacked implements Source {
  /** Of packed bytes, as is `taken`. */
  readonly total: number | undefined;
  taken = 0;
  private packed: Source;

  private constructor(
    private readonly inner: Source,
    private head: (Uint8Array | undefined)[],
    private readonly x: Exports,
    private readonly form: number,
    private readonly place: string,
  ) {
    this.total = inner.total;
    this.packed = inner;
  }

  /** `head` are pieces that were read already; the last is undefined at the end. */
  static async of(inner: Source, head: (Uint8Array | undefined)[], form: number, wasm: Wasm | undefined, place: string): Promise<Unpacked> {
    if (wasm === undefined) throw fault('state', place, 'no module for packed files in this build', 'the whole package');
    const { exports } = await WebAssembly.instantiate(await compiled(wasm, place));
    const source = new Unpacked(inner, head, exports as unknown as Exports, form, place);
    if (form === 4) await source.find();
    source.x.start(form);
    return source;
  }

  /** The data in an archive, whose list of files stands at its end. */
  private async find(): Promise<void> {
    const { x, inner } = this;
    this.head = [];
    for (let state = this.checked(x.archive(inner.part ? (inner.total ?? -1) : -1)); ; ) {
      const [from, to] = [x.from(), x.to()];
      const part = (await inner.part?.(from, to)) as Source;
      if (state < 0) {
        this.packed = part;
        return;
      }
      this.put((await looked(part, to - from)).window);
      await part.cancel();
      state = this.checked(x.look());
    }
  }

  private put(bytes: Uint8Array): void {
    const at = this.x.room(bytes.length);
    new Uint8Array(this.x.memory.buffer).set(bytes, at);
  }

  private given(length: number): Uint8Array {
    const at = this.x.out();
    return new Uint8Array(this.x.memory.buffer).slice(at, at + length);
  }

  private checked(answer: number): number {
    if (answer >= -1) return answer;
    const [found = '', hint = '', expected = ''] = new TextDecoder().decode(this.given(-2 - answer)).split('\n');
    throw fault(hint ? 'input' : 'io', this.place, found, expected, hint ? hint.replaceAll('FILE', this.place) : undefined);
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const length = this.checked(this.x.pull());
      if (length > 0) return this.given(length);
      if (length < 0) return undefined;
      const piece = this.head.length > 0 ? this.head.shift() : await this.packed.read();
      this.taken += piece?.length ?? 0;
      // No bytes at all are the end.
      if (piece?.length !== 0) this.put(piece ?? new Uint8Array());
    }
  }

  async rewind(): Promise<void> {
    await this.packed.rewind();
    this.head = [];
    this.taken = 0;
    this.x.start(this.form);
  }

  async cancel(): Promise<void> {
    await this.inner.cancel();
    if (this.packed !== this.inner) await this.packed.cancel();
  }
}
