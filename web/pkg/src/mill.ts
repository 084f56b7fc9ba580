import { Fault, fault, thrown, type Failure } from './errors.js';
import { ported, pumped } from './ports.js';
import type { Peer } from './host.js';
import type { FromEngine, Input, Job, Mode, Output, Progress, Ready, Reason, Result, Setup, Wasm } from './protocol.js';
import type { Preview } from './generated/preview.js';
import type { Recipe } from './generated/recipe.js';
import type { Report } from './generated/report.js';

export interface StartOptions {
  /** Workers; as many as there are cores (at most 16) if absent. */
  threads?: number;
  /** How the work is shared out. If absent, the fastest way that this page allows. */
  mode?: Mode;
  /** MiB: the most that one memory may grow to. If absent, the most that the browser gives. */
  memory?: number;
  /** Another place of the modules, if they are not beside the script. */
  wasmUrl?: { plain?: string | URL; threads?: string | URL; unpack?: string | URL };
  /** Another place of the worker's script. */
  workerUrl?: string | URL;
  /** Milliseconds after which workers that do not start are given up; 10,000 if absent. */
  patience?: number;
  signal?: AbortSignal;
}

export interface WorkOptions {
  onProgress?: (progress: Progress) => void;
  /** Stops the work; what was done until then is in the report, which says `partial`. */
  signal?: AbortSignal;
  /** The input's name in the report; a file's own name if absent, else `-`. */
  name?: string;
  /** Bytes of an input that does not know its size, for the progress. */
  size?: number;
}

export interface ProfileOptions extends WorkOptions {
  /** Called twice a second or less with the report so far, which says that it is partial. */
  onReport?: (report: ReportOf) => void;
  /** Names, globs, `#3`, `!name`; all columns if absent. */
  columns?: string[];
  /** All there is to tell of each column: its `details`. */
  all?: boolean;
  /** A recipe whose `[read]` says how the input is read. */
  recipe?: Recipe | string;
}

/** `opfs` is a file in the browser's own storage for this origin, `blob` one in its memory or cache. */
export type SinkLike = WritableStream<Uint8Array> | FileSystemFileHandle | 'opfs' | 'blob' | { opfs: string } | { path: string };

export interface RunOptions extends WorkOptions {
  /** Where cleaned rows go; without it there are none, and only the report is made. */
  sink?: SinkLike;
  /** Where rows go that are set aside; without it they are counted, and the first 100 are in the report. */
  rejects?: SinkLike;
}

export interface RunResult {
  report: ReportOf;
  /** What was written, where the sink is `opfs` or `blob` and the run was not stopped. */
  output: Blob | null;
  rejects: Blob | null;
}

export type InputLike = Blob | ReadableStream<Uint8Array> | Uint8Array | string | { path: string };

/** A cell: text, a number, an integer beyond 2^53, true or false, or missing. */
export type Cell = string | number | bigint | boolean | null;

export interface RowsOptions {
  recipe?: Recipe | string;
  /** Columns of the result, in this order. */
  fields?: string[];
  /** Rows a batch; 1,000 if absent. */
  batch?: number;
  as?: 'objects' | 'arrays';
  signal?: AbortSignal;
  name?: string;
}

export interface PreviewOptions {
  recipe?: Recipe | string;
  /** 200 if absent. */
  rows?: number;
  signal?: AbortSignal;
  name?: string;
}

/** A report with its text: `json` is the very bytes that the command prints, and is not enumerable. */
export type ReportOf = Report & { readonly json: string };

export interface Home {
  /** A worker that runs the package's script. */
  worker(url: string | URL | undefined): Peer;
  plain: (() => Wasm | URL) | undefined;
  threads: (() => Wasm | URL) | undefined;
  /** The module for packed files. */
  unpack: () => Wasm | URL;
  /** What only this host takes as input or output. */
  input?(input: unknown): Taken | undefined;
  output?(output: unknown): { output: Output; ports: Transferable[] } | undefined;
}

/** An input on its way to the engine, with what moves there. */
export interface Taken {
  input: Input;
  name: string;
  ports: Transferable[];
}

const EMPTY = 'tidemill = 1\n';

interface Waiting {
  resolve: (message: Extract<FromEngine, { ready: Ready } | { done: Result }>) => void;
  reject: (error: unknown) => void;
  progress: ((progress: Progress) => void) | undefined;
  sofar: ((report: ReportOf) => void) | undefined;
}

/**
 * Mills that wait for their engine. What awaits an answer refers to nothing, so without this a mill, its
 * worker and the promise are one cycle, which Firefox was seen to collect: the start never ended.
 */
const live = new Set<Mill>();

/** An engine and its workers, for any number of jobs. Each entry of the package has a home for it. */
export class Mill {
  private peer: Peer | undefined;
  private ready: Ready | undefined;
  private last = 0;
  private opfs = 0;
  private readonly waiting = new Map<number, Waiting>();
  private stopped = false;
  private starting: Promise<void> | undefined;

  /** @internal */
  protected constructor(private readonly home: Home, private readonly options: StartOptions) {}

  /** Starts the engine. @internal */
  protected async launch(): Promise<this> {
    const { signal } = this.options;
    signal?.throwIfAborted();
    const stop = (): void => this.halt(signal?.reason);
    signal?.addEventListener('abort', stop);
    try {
      await this.up();
    } finally {
      signal?.removeEventListener('abort', stop);
    }
    return this;
  }

  /** How the work is shared out. */
  get mode(): Mode {
    return this.about().mode;
  }

  /** Why it is shared out like that, in a sentence. */
  get why(): string {
    return this.about().why;
  }

  /** The same for programs. */
  get reason(): Reason {
    return this.about().reason;
  }

  /** How many workers compute. */
  get threads(): number {
    return this.about().threads;
  }

  /** MiB: how far one memory may grow. */
  get memory(): number {
    return this.about().memory;
  }

  private about(): Ready {
    if (this.ready === undefined) throw new Fault(over());
    return this.ready;
  }

  /** What is in each column. */
  async profile(file: InputLike, options: ProfileOptions = {}): Promise<ReportOf> {
    const job = this.job(file, options.recipe, options.name);
    job.profile = options.columns ?? ['*'];
    job.all = options.all;
    job.glances = options.onReport !== undefined;
    return reported((await this.work(job, options)).json);
  }

  /** Cleans and reduces. */
  async run(recipe: Recipe | string, file: InputLike, options: RunOptions = {}): Promise<RunResult> {
    const job = this.job(file, recipe, options.name);
    if (options.sink !== undefined) job.rows = this.output(options.sink, job);
    if (options.rejects !== undefined) job.rejects = this.output(options.rejects, job);
    const { json, output, rejects } = await this.work(job, options);
    return { report: reported(json), output: output ?? null, rejects: rejects ?? null };
  }

  /** Typed rows, batch by batch; the engine waits for who asks. */
  rows(file: InputLike, options: RowsOptions & { as: 'arrays' }): AsyncGenerator<Cell[][], void, undefined>;
  rows(file: InputLike, options?: RowsOptions): AsyncGenerator<Record<string, Cell>[], void, undefined>;
  async *rows(file: InputLike, options: RowsOptions = {}): AsyncGenerator<Cell[][] | Record<string, Cell>[], void, undefined> {
    const { port1, port2 } = new MessageChannel();
    const job = this.job(file, options.recipe, options.name);
    const batch = Math.max(1, Math.trunc(options.batch ?? 1000));
    job.ports.push(port2);
    job.typed = { port: port2, fields: options.fields, batch };
    const stop = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal;
    const work = this.work(job, { signal });
    try {
      yield* ported(port1, work, options.as ?? 'objects');
      options.signal?.throwIfAborted();
    } finally {
      // Who leaves the loop early wants no more of it.
      stop.abort();
      port1.close();
      await work.catch(() => {});
    }
  }

  /** The dialect and the first rows, before any pass over the input. */
  async preview(file: InputLike, options: PreviewOptions = {}): Promise<Preview> {
    const job = this.job(file, options.recipe, options.name);
    job.preview = options.rows ?? 200;
    const result = await this.work(job, options.signal ? { signal: options.signal } : {});
    options.signal?.throwIfAborted();
    return JSON.parse(result.json) as Preview;
  }

  /** Ends all work, and gives back workers and memory. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.halt(new Fault(over()));
    this.ready = undefined;
  }

  private job(file: InputLike, recipe: Recipe | string | undefined, name: string | undefined): Job & { ports: Transferable[] } {
    const taken = this.home.input?.(file) ?? common(file);
    const text = recipe === undefined ? EMPTY : typeof recipe === 'string' ? recipe : JSON.stringify(recipe);
    return { recipe: text, name: name ?? taken.name, input: taken.input, ports: taken.ports };
  }

  private output(sink: SinkLike, job: { ports: Transferable[] }): Output {
    const special = this.home.output?.(sink);
    if (special) {
      job.ports.push(...special.ports);
      return special.output;
    }
    if (sink === 'blob') return sink;
    if (sink === 'opfs') return { opfs: `tidemill-${Date.now().toString(36)}-${(this.opfs += 1)}.csv` };
    if (sink instanceof WritableStream) {
      const port = pumped(sink);
      job.ports.push(port);
      return { port };
    }
    if (typeof sink === 'object' && 'opfs' in sink) return sink;
    if (typeof sink === 'object' && 'createWritable' in sink) return { handle: sink };
    throw new Fault(fault('state', 'sink', String(sink), 'a WritableStream, a FileSystemFileHandle, "opfs" or "blob"'));
  }

  private async work(job: Job & { ports: Transferable[] }, options: WorkOptions & Pick<ProfileOptions, 'onReport'>): Promise<Result> {
    options.signal?.throwIfAborted();
    await this.up();
    const { ports, ...message } = job;
    message.size = options.size;
    const answer = await this.ask({ job: message }, ports, options);
    if ('done' in answer) return answer.done;
    throw new Fault(over());
  }

  /** An engine that is ready: the one there is, or a new one after the last one died. */
  private async up(): Promise<void> {
    if (this.stopped) throw new Fault(over());
    if (this.peer !== undefined && this.ready !== undefined && this.starting === undefined) return;
    this.starting ??= this.begin(undefined).finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  private async begin(failed: string | undefined, attempt = 1): Promise<void> {
    const { options, home } = this;
    const peer = home.worker(options.workerUrl);
    this.peer = peer;
    const patience = options.patience ?? 10_000;
    let heard = false;
    let frozen = false;
    let clock = setTimeout(() => {
      this.halt(new Fault(fault('state', 'worker', `the worker did not start within ${patience} ms`, 'the script of the package',
        'serve it beside the package, state its address as workerUrl, or allow more patience')));
    }, patience);
    peer.onmessage = ({ data }) => {
      if (this.peer !== peer) return;
      if ('up' in data) {
        heard = true;
        clearTimeout(clock);
        // While it starts, the engine says again and again that it is up: a module may take its time to come,
        // but driven by a program, Firefox was seen to stop an engine for good in the making of a worker.
        clock = setTimeout(() => {
          frozen = true;
          this.halt(new Fault(fault('state', 'worker', 'the engine stood still while its workers started', 'workers that start', 'try again, or use mode "plain"')));
        }, 1.5 * patience);
      } else this.take(data as Exclude<FromEngine, { up: true }>);
    };
    peer.onerror = (event) => {
      this.halt(new Fault(fault('state', 'worker', event.message || "the worker's script could not be loaded",
        'the script of the package', 'serve it beside the package, or state its address as workerUrl')));
    };
    peer.postMessage({ role: 'engine' });
    const setup: Setup = {
      mode: options.mode,
      threads: options.threads,
      memory: options.memory,
      patience,
      failed,
      plain: placed(options.wasmUrl?.plain ?? home.plain?.()),
      unpack: placed(options.wasmUrl?.unpack ?? home.unpack()),
      shared: placed(options.wasmUrl?.threads ?? home.threads?.()),
    };
    try {
      const answer = await this.ask({ setup }, [], {});
      if ('ready' in answer) this.ready = answer.ready;
    } catch (error) {
      // The clock is this engine's, and must not strike at the next one.
      clearTimeout(clock);
      this.halt(error);
      if (frozen && attempt < 3 && !this.stopped) return await this.begin(failed, attempt + 1);
      const retry = heard && error instanceof Fault && !this.stopped && options.mode === undefined && failed === undefined &&
        setup.plain !== undefined && !options.signal?.aborted;
      if (!retry) throw error;
      // Threads may fail where instances work.
      await this.begin(error.found);
    } finally {
      clearTimeout(clock);
    }
  }

  private ask(what: { setup: Setup } | { job: Job }, transfer: Transferable[], options: WorkOptions & Pick<ProfileOptions, 'onReport'>): Promise<Extract<FromEngine, { ready: Ready } | { done: Result }>> {
    const id = (this.last += 1);
    const { signal } = options;
    const abort = (): void => this.peer?.postMessage({ id, abort: true });
    const answer = new Promise<Extract<FromEngine, { ready: Ready } | { done: Result }>>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, progress: options.onProgress, sofar: options.onReport });
      this.peer?.postMessage({ id, ...what }, transfer);
      signal?.addEventListener('abort', abort, { once: true });
    });
    live.add(this);
    return answer.finally(() => {
      signal?.removeEventListener('abort', abort);
      if (this.waiting.size === 0) live.delete(this);
    });
  }

  private take(message: Exclude<FromEngine, { up: true }>): void {
    const waiting = this.waiting.get(message.id);
    if (waiting === undefined) return;
    if ('progress' in message) {
      waiting.progress?.(message.progress);
      return;
    }
    if ('sofar' in message) {
      waiting.sofar?.(reported(message.sofar));
      return;
    }
    this.waiting.delete(message.id);
    if ('failed' in message) {
      const error = thrown(message.failed);
      waiting.reject(error);
      // A dead instance takes its other jobs with it; the next job starts another.
      if (message.failed.fatal) this.halt(error);
    } else {
      waiting.resolve(message);
    }
  }

  private halt(reason: unknown): void {
    this.peer?.terminate();
    this.peer = undefined;
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const { reject } of waiting) reject(reason);
  }
}

function placed(wasm: Wasm | URL | undefined): Wasm | undefined {
  if (!(wasm instanceof URL) && typeof wasm !== 'string') return wasm;
  // A worker has an address of its own, against which it would read a relative one.
  return new URL(wasm, (globalThis as { location?: Location }).location?.href).href;
}

function over(): Failure {
  return fault('state', 'mill', 'stopped', 'a mill that is started');
}

function reported(json: string): ReportOf {
  const report = JSON.parse(json) as Report;
  return Object.defineProperty(report, 'json', { value: json }) as ReportOf;
}

function moved(bytes: Uint8Array<ArrayBuffer>): Taken {
  return { input: { bytes }, name: '-', ports: [bytes.buffer] };
}

function common(file: unknown): Taken {
  const name = '-';
  if (typeof file === 'string') return moved(new TextEncoder().encode(file));
  if (file instanceof Blob) return { input: { blob: file }, name: file instanceof File ? file.name : name, ports: [] };
  // A copy of its own: the caller keeps the bytes, and a view does not drag its whole buffer along.
  if (file instanceof Uint8Array) return moved(new Uint8Array(file));
  if (file instanceof ReadableStream) {
    const port = pumped(file);
    return { input: { port }, name, ports: [port] };
  }
  throw new Fault(fault('state', 'input', String(file), 'a File, Blob, ReadableStream, Uint8Array or string'));
}
