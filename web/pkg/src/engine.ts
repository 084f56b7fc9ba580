import * as plainGlue from '../glue/plain/tidemill.js';
import { fault, told, type Failure } from './errors.js';
import { host } from './host.js';
import { run, type Running } from './job.js';
import { compiled, memory, type Glue } from './module.js';
import { startPool, type PoolOf } from './pool.js';
import type { FromEngine, Mode, Ready, Reason, Setup, ToEngine, Wasm } from './protocol.js';
import { Hands } from './team.js';
import { trouble } from './trouble.js';

/** The most threads that are started without being asked for. */
const MANY = 16;

/** How often an engine that starts says so in the time after which it is given up. */
const PULSES = 10;

/** The engine: one instance that plans, cuts, gathers and writes, and those that help it. */
export class Engine {
  private glue: Glue = plainGlue;
  private ready: Ready | undefined;
  private hands: Hands | undefined;
  private pool: PoolOf | undefined;
  private unpack: Wasm | undefined;
  private readonly running = new Map<number, Running>();

  constructor(private readonly say: (message: FromEngine, transfer?: Transferable[]) => void) {}

  async take(message: ToEngine): Promise<void> {
    const { id } = message;
    if ('abort' in message) {
      this.running.get(id)?.stop();
      return;
    }
    try {
      if ('setup' in message) {
        this.ready = await this.setup(message.setup);
        this.say({ id, ready: this.ready });
        return;
      }
      const { ready } = this;
      if (ready === undefined) throw fault('state', 'engine', 'not started', 'an engine that is started');
      const running = started();
      this.running.set(id, running);
      const team = { glue: this.glue, hands: this.hands, pool: this.pool, unpack: this.unpack, id };
      const done = await run(team, message.job, running, {
        progress: (progress) => this.say({ id, progress }),
        sofar: (sofar) => this.say({ id, sofar }),
      });
      this.say({ id, done });
    } catch (error) {
      this.say({ id, failed: this.failure(error, 'job' in message ? message.job.name : 'start') });
    } finally {
      this.running.delete(id);
    }
  }

  /** What was thrown, or what killed the instance, as a failure. */
  private failure(error: unknown, place: string): Failure {
    const failure = trouble(this.glue, error) ?? told(error, place);
    // A pool that lost a thread is lost.
    return this.pool?.glue.dead() ? { ...failure, fatal: true } : failure;
  }

  private async setup(setup: Setup): Promise<Ready> {
    const pulse = setInterval(() => this.say({ up: true }), setup.patience / PULSES);
    try {
      return await this.start(setup);
    } finally {
      clearInterval(pulse);
    }
  }

  private async start(setup: Setup): Promise<Ready> {
    this.unpack = setup.unpack;
    const cores = host.cores();
    const threads = Math.max(1, Math.trunc(setup.threads ?? Math.min(cores, MANY)));
    let [mode, reason, why] = chosen(setup, threads, cores);
    if (mode === 'threads') {
      if (setup.shared === undefined) throw fault('state', 'start', 'no module for threads in this build', 'the whole package');
      if (!host.isolated() || !host.shares()) {
        throw fault('state', 'start', host.isolated() ? 'a browser that lends its workers no shared memory' : 'a page that is not isolated',
          'for threads a page with the headers COOP and COEP, and shared memory', 'leave out the mode, or take "instances"');
      }
      this.pool = await startPool(setup.shared, setup.memory, threads, setup.patience);
      this.glue = this.pool.glue;
      return { mode, reason, why, threads, memory: this.pool.limit };
    }
    if (setup.plain === undefined) {
      throw fault('state', 'start', 'no plain module in this build', 'a page that is isolated, or the whole package');
    }
    const module = await compiled(setup.plain, 'start');
    const own = memory(plainGlue.initialPages, setup.memory, false);
    plainGlue.initSync({ module, memory: own.memory });
    plainGlue.limit(own.limit);
    if (mode === 'instances') {
      try {
        this.hands = await Hands.start(threads, module, own.limit, setup.patience);
      } catch (error) {
        const failure = told(error, 'start');
        if (setup.mode !== undefined) throw failure;
        [mode, reason, why] = ['plain', 'hands-failed', `workers could not be started (${failure.found})`];
      }
    }
    return { mode, reason, why, threads: mode === 'plain' ? 1 : threads, memory: own.limit };
  }
}

function chosen(setup: Setup, threads: number, cores: number): [Mode, Reason, string] {
  if (setup.mode !== undefined) return [setup.mode, 'asked', `"${setup.mode}" was asked for`];
  if (threads === 1) {
    return ['plain', 'one-core', cores === 1 ? 'there is one core' : 'one thread was asked for'];
  }
  if (setup.failed !== undefined) return ['instances', 'pool-failed', `threads could not be started (${setup.failed})`];
  if (setup.shared === undefined) return ['instances', 'no-threads', 'this build has no module for threads'];
  if (!host.isolated()) {
    return ['instances', 'not-isolated', 'the page is not isolated (its headers COOP and COEP are missing), so its workers share no memory'];
  }
  if (!host.shares()) return ['instances', 'no-shared-memory', 'this browser lends its workers no shared memory'];
  return ['threads', 'isolated', 'the page is isolated, so its workers share memory'];
}

function started(): Running {
  let stop = (): void => {};
  const abort = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const running: Running = {
    aborted: false,
    abort,
    stop: () => {
      running.aborted = true;
      stop();
    },
  };
  return running;
}
