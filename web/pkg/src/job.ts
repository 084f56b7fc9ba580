import { alone, freed, planned, type Driver } from './drive.js';
import type { Sink } from './host.js';
import type { Glue, Mill } from './module.js';
import { pooled, type PoolOf } from './pool.js';
import type { Job, Order, Progress, Result, Wasm } from './protocol.js';
import { Decoded } from './decoded.js';
import { created } from './sinks.js';
import { looked, opened, readOnce, type Source } from './source.js';
import { Team, type Hands } from './team.js';
import { typedRows } from './typed.js';
import { Unpacked } from './unpacked.js';

/** Milliseconds between two words about how far a job is, and between two breaths. */
const TELL = 100;
const BREATH = 40;
/** Between two reports on the way. */
const GLANCE = 500;

export interface Running {
  aborted: boolean;
  /** Resolves when the job is to stop. */
  abort: Promise<void>;
  stop: () => void;
}

export interface Helpers {
  glue: Glue;
  hands: Hands | undefined;
  pool: PoolOf | undefined;
  /** The module for packed files. */
  unpack: Wasm | undefined;
  /** The job's number, the same for its hands. */
  id: number;
}

/** What is told while a job runs. */
export interface Ears {
  progress(progress: Progress): void;
  /** The text of the report so far. */
  sofar(report: string): void;
}

/** One job from its first byte to its report. */
export async function run(helpers: Helpers, job: Job, running: Running, ears: Ears): Promise<Result> {
  const raw = await opened(job.input, job.name);
  let source: Source = raw;
  let rows: Sink | undefined;
  let rejects: Sink | undefined;
  let whole = false;
  try {
    let { window, read } = await looked(source, helpers.glue.window());
    const form = helpers.glue.container(window);
    if (form !== undefined) {
      source = await Unpacked.of(source, read, form, helpers.unpack, job.name);
      ({ window, read } = await looked(source, helpers.glue.window()));
    }
    const encoding = helpers.glue.encoding(job.recipe, window);
    if (encoding !== undefined) {
      source = new Decoded(source, read, encoding);
      ({ window, read } = await looked(source, helpers.glue.window()));
    }
    if (job.preview !== undefined) {
      const complete = read.at(-1) === undefined;
      return { json: helpers.glue.preview(job.recipe, job.name, window, complete, job.preview, encoding) };
    }
    const order: Order = {
      recipe: job.recipe,
      name: job.name,
      window,
      rows: job.rows !== undefined,
      rejects: job.rejects !== undefined,
      profile: job.profile,
      all: job.all,
      typed: job.typed && (job.typed.fields ?? true),
      encoding,
    };
    const mill = planned(helpers.glue, order);
    try {
      if (mill.passes() === 1) readOnce(raw);
      rows = job.rows && (await created(job.rows, 'output'));
      rejects = job.rejects && (await created(job.rejects, 'rejects'));
      if (job.typed) rows = typedRows(job.typed.port, job.typed.batch, mill.columns());
      const passes = new Passes(source, read, running, rows, rejects, {
        progress: (pass, bytes, records) =>
          ears.progress({ pass, passes: mill.passes(), bytes: source.taken ?? bytes, total: encoding === undefined ? (source.total ?? job.size) : undefined, records }),
        sofar: job.glances ? (report) => ears.sofar(report) : undefined,
      });
      const json = await passes.all(driver(helpers, mill, order));
      whole = !running.aborted;
      if (!whole) return { json };
      const output = await rows?.close();
      const aside = await rejects?.close();
      return { json, output, rejects: aside };
    } finally {
      freed(mill);
    }
  } catch (error) {
    whole = false;
    throw error;
  } finally {
    if (!whole) {
      const reason = new DOMException('the run was stopped', 'AbortError');
      await rows?.abort(reason).catch(() => {});
      await rejects?.abort(reason).catch(() => {});
    }
    await source.cancel().catch(() => {});
  }
}

function driver(helpers: Helpers, mill: Mill, order: Order): Driver {
  if (helpers.pool) return pooled(helpers.pool, mill);
  if (helpers.hands && mill.apart()) return new Team(helpers.hands, helpers.id, mill, order);
  return alone(mill);
}

/** Feeds a driver as often as it asks for, and writes what comes out. */
class Passes {
  private told = 0;
  private breath = performance.now();
  private glance = performance.now() + GLANCE / 2;

  constructor(
    private readonly source: Source,
    private read: (Uint8Array | undefined)[],
    private readonly running: Running,
    private readonly rows: Sink | undefined,
    private readonly rejects: Sink | undefined,
    private readonly tell: {
      progress: (pass: number, bytes: number, records: number) => void;
      sofar: ((report: string) => void) | undefined;
    },
  ) {}

  async all(driver: Driver): Promise<string> {
    try {
      for (;;) {
        await this.once(driver);
        this.say(driver, true);
        await this.write(driver);
        const report = driver.finish(this.running.aborted);
        if (report !== undefined) return report;
        await this.source.rewind();
        this.read = [];
      }
    } finally {
      freed(driver);
    }
  }

  private async once(driver: Driver): Promise<void> {
    const { running } = this;
    for (;;) {
      for (let wait = driver.busy(); wait !== undefined && !running.aborted; wait = driver.busy()) {
        await Promise.race([wait, running.abort]);
      }
      if (running.aborted) return driver.stop();
      const piece = this.read.length > 0 ? this.read.shift() : await Promise.race([this.source.read(), running.abort]);
      if (running.aborted) return driver.stop();
      if (piece === undefined) return driver.end();
      driver.feed(piece);
      await this.write(driver);
      this.say(driver, false);
      if (performance.now() >= this.glance) await this.look(driver);
      await this.breathe();
    }
  }

  private async write(driver: Driver): Promise<void> {
    // What was stopped is thrown away, and must not wait for who takes it.
    if (this.running.aborted) return;
    const rows = driver.rows();
    if (this.rows && rows.length > 0) await Promise.race([this.rows.write(rows), this.running.abort]);
    const rejects = driver.rejects();
    if (this.rejects && rejects.length > 0) await Promise.race([this.rejects.write(rejects), this.running.abort]);
  }

  private say(driver: Driver, now: boolean): void {
    const time = performance.now();
    if (!now && time - this.told < TELL) return;
    this.told = time;
    const [pass = 1, bytes = 0, records = 0] = driver.progress();
    this.tell.progress(pass, bytes, records);
  }

  private async look(driver: Driver): Promise<void> {
    if (this.tell.sofar === undefined) {
      this.glance = Infinity;
      return;
    }
    const from = performance.now();
    const report = await Promise.race([driver.glance(), this.running.abort]);
    if (report !== undefined) this.tell.sofar(report);
    const now = performance.now();
    // What is large takes long, and is to cost a tenth of the work at most.
    this.glance = now + Math.max(GLANCE, 10 * (now - from));
  }

  /** Lets messages in, such as the one that says stop. */
  private async breathe(): Promise<void> {
    if (performance.now() - this.breath < BREATH) return;
    await new Promise<void>((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(0);
    });
    this.breath = performance.now();
  }
}
