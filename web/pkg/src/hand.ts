import * as glue from '../glue/plain/tidemill.js';
import type { Mill, Turn, Worker } from '../glue/plain/tidemill.js';
import { freed, planned } from './drive.js';
import { told } from './errors.js';
import { memory } from './module.js';
import type { FromHand, ToHand } from './protocol.js';
import { trouble } from './trouble.js';

interface Held {
  mill: Mill;
  turn: Turn;
  worker: Worker;
}

/** A worker with an instance of its own, which works on parcels of any number of jobs. */
export class Hand {
  private readonly jobs = new Map<number, Held>();

  constructor(private readonly say: (message: FromHand, transfer?: Transferable[]) => void) {}

  take(message: ToHand): void {
    if ('module' in message) {
      const own = memory(glue.initialPages, message.memory, false);
      glue.initSync({ module: message.module, memory: own.memory });
      glue.limit(own.limit);
      this.say({ up: true });
      return;
    }
    const { job } = message;
    const number = 'parcel' in message ? message.number : undefined;
    try {
      this.work(message);
    } catch (error) {
      const failed = trouble(glue, error) ?? told(error, 'worker');
      this.say(number === undefined ? { job, failed } : { job, number, failed });
    }
  }

  private work(message: Exclude<ToHand, { module: WebAssembly.Module }>): void {
    const { job } = message;
    if ('order' in message) {
      const mill = planned(glue, message.order);
      const turn = mill.first();
      this.jobs.set(job, { mill, turn, worker: turn.hand() });
      return;
    }
    const held = this.jobs.get(job);
    if (held === undefined) return;
    if ('parcel' in message) {
      const answer = held.worker.work(message.parcel);
      this.say({ job, number: message.number, answer }, [answer.buffer as ArrayBuffer]);
    } else if ('share' in message) {
      const share = held.worker.share();
      this.say({ job, share }, [share.buffer as ArrayBuffer]);
    } else if ('lesson' in message) {
      const turn = held.turn.next(message.lesson);
      held.worker.free();
      held.turn.free();
      held.turn = turn;
      held.worker = turn.hand();
    } else {
      this.jobs.delete(job);
      freed(held.worker, held.turn, held.mill);
    }
  }
}
