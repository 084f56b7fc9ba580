import type { Gather, Saw, Turn } from '../glue/plain/tidemill.js';
import { freed, type Driver } from './drive.js';
import type { Failure } from './errors.js';
import { fault } from './errors.js';
import type { Mill } from './module.js';
import type { FromHand, Order, ToHand } from './protocol.js';
import { host, type Peer } from './host.js';

/** Parcels that a hand may have before it: one it works on, one that lies ready. */
const AHEAD = 2;

/** Workers that each hold an instance of their own. */
export class Hands {
  private readonly jobs = new Map<number, (from: number, message: FromHand) => void>();
  private broken: Failure | undefined;

  private constructor(private readonly peers: Peer[]) {}

  /** Starts `count` hands; rejects if one of them does not come up in time. */
  static async start(count: number, module: WebAssembly.Module, memory: number | undefined, patience: number): Promise<Hands> {
    const peers: Peer[] = [];
    try {
      // One after the other, as threads are.
      for (let number = 1; number <= count; number += 1) await new Promise<void>((resolve, reject) => {
        const peer = host.spawn(`tidemill-hand-${number}`);
        peers.push(peer);
        const clock = setTimeout(() => reject(new Error(`no answer within ${patience} ms`)), patience);
        peer.onmessage = ({ data }: MessageEvent<FromHand>) => {
          clearTimeout(clock);
          if ('up' in data) resolve();
          else reject('failed' in data ? data.failed : data);
        };
        peer.onerror = (event) => {
          clearTimeout(clock);
          reject(new Error(event.message ?? 'the worker could not be started'));
        };
        peer.postMessage({ role: 'hand', module, memory });
      });
    } catch (error) {
      for (const peer of peers) peer.terminate();
      throw error;
    }
    const hands = new Hands(peers);
    peers.forEach((peer, index) => {
      peer.onmessage = ({ data }: MessageEvent<FromHand>) => {
        if ('job' in data) hands.jobs.get(data.job)?.(index, data);
      };
      peer.onerror = (event) => hands.fail(fault('internal', 'worker', event.message ?? 'a worker died', 'a worker that lives'));
    });
    return hands;
  }

  private fail(failure: Failure): void {
    this.broken = { ...failure, fatal: true };
    for (const [job, take] of this.jobs) take(-1, { job, failed: this.broken });
  }

  get count(): number {
    return this.peers.length;
  }

  send(hand: number, message: ToHand, transfer: Transferable[] = []): void {
    this.peers[hand]?.postMessage(message, transfer);
  }

  all(message: ToHand): void {
    for (const peer of this.peers) peer.postMessage(message);
  }

  join(job: number, take: (from: number, message: FromHand) => void): void {
    this.jobs.set(job, take);
    if (this.broken) take(-1, { job, failed: this.broken });
  }

  leave(job: number): void {
    if (this.jobs.delete(job)) this.all({ job, over: true });
  }

  stop(): void {
    for (const peer of this.peers) peer.terminate();
  }
}

/** A run in several instances: cut and gathered here, worked on by hands. */
export class Team implements Driver {
  private turn: Turn;
  private saw: Saw;
  private gather: Gather;
  private pass = 1;
  private cut = 0;
  private readonly waiting: number[];
  private shares: ((share: Uint8Array) => void) | undefined;
  private wake: (() => void) | undefined;
  private failed: { number: number; failure: Failure } | undefined;
  /** Why nothing more can be cut; what was cut before comes first. */
  private late: unknown;
  private over = false;

  constructor(private readonly hands: Hands, private readonly job: number, mill: Mill, order: Order) {
    this.turn = mill.first();
    this.saw = this.turn.cutter();
    this.gather = this.turn.gatherer();
    this.waiting = Array.from({ length: hands.count }, () => 0);
    hands.join(job, (from, message) => this.take(from, message));
    hands.all({ job, order });
  }

  private take(from: number, message: FromHand): void {
    if ('up' in message) return;
    if ('failed' in message) {
      const number = message.number ?? -1;
      // What comes first in the input is told, whoever was quicker.
      if (this.failed === undefined || number < this.failed.number) this.failed = { number, failure: message.failed };
      if (number >= 0) this.waiting[from] = (this.waiting[from] ?? 0) - 1;
    } else if ('answer' in message) {
      this.waiting[from] = (this.waiting[from] ?? 0) - 1;
      try {
        this.gather.push(message.answer);
      } catch (error) {
        this.failed ??= { number: message.number, failure: error as Failure };
      }
    } else {
      this.shares?.(message.share);
    }
    this.wake?.();
  }

  private next(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private get open(): number {
    return this.waiting.reduce((sum, count) => sum + count, 0);
  }

  private async settled(): Promise<void> {
    while (this.open > 0 && !(this.failed && (this.failed.number < 0 || this.failed.failure.fatal))) await this.next();
    if (this.failed) throw this.failed.failure;
    if (this.late !== undefined) throw this.late;
  }

  busy(): Promise<unknown> | undefined {
    if (this.failed || this.late !== undefined) return this.settled();
    return this.open >= AHEAD * this.hands.count ? this.next() : undefined;
  }

  feed(bytes: Uint8Array): void {
    this.sawing(() => this.saw.feed(bytes));
  }

  private sawing(cut: () => void): void {
    try {
      cut();
    } catch (error) {
      this.late = error;
    }
    this.hand();
  }

  /** Gives out what is whole, each parcel to the hand that has least to do. */
  private hand(): void {
    for (let parcel = this.saw.pop(); parcel !== undefined; parcel = this.saw.pop()) {
      const hand = this.waiting.indexOf(Math.min(...this.waiting));
      this.waiting[hand] = (this.waiting[hand] ?? 0) + 1;
      this.hands.send(hand, { job: this.job, parcel, number: this.cut }, [parcel.buffer]);
      this.cut += 1;
    }
  }

  async end(): Promise<void> {
    this.sawing(() => this.saw.end());
    await this.stop();
  }

  async stop(): Promise<void> {
    for (const share of await this.gathered()) this.gather.share(share);
  }

  async glance(): Promise<string | undefined> {
    return this.gather.glance(await this.gathered());
  }

  /** What each hand has gathered, when none of them is at work. */
  private async gathered(): Promise<Uint8Array[]> {
    await this.settled();
    const shares: Uint8Array[] = [];
    this.shares = (share) => shares.push(share);
    this.hands.all({ job: this.job, share: true });
    while (shares.length < this.hands.count && !this.failed) await this.next();
    if (this.failed) throw this.failed.failure;
    return shares;
  }

  rows(): Uint8Array {
    return this.gather.rows();
  }

  rejects(): Uint8Array {
    return this.gather.rejects();
  }

  progress(): Iterable<number> {
    const [bytes = 0, records = 0] = this.gather.progress();
    return [this.pass, bytes, records];
  }

  finish(cancelled: boolean): string | undefined {
    const lesson = this.gather.lesson();
    const report = this.gather.finish(this.saw.bytes(), cancelled);
    if (report !== undefined) return report;
    const turn = this.turn.next(lesson);
    this.drop();
    this.turn = turn;
    this.saw = turn.cutter();
    this.gather = turn.gatherer();
    this.pass += 1;
    this.hands.all({ job: this.job, lesson });
    return undefined;
  }

  private drop(): void {
    freed(this.saw, this.gather, this.turn);
  }

  free(): void {
    if (this.over) return;
    this.over = true;
    this.hands.leave(this.job);
    this.drop();
  }
}
