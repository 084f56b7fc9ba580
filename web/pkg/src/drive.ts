import type { Run } from '../glue/plain/tidemill.js';
import type { Glue, Mill } from './module.js';
import type { Order } from './protocol.js';

/** A run, whoever does the work. Bytes go in by `feed`; what is ready comes out by `rows`. */
export interface Driver {
  /** Something to wait for before more is fed, if there is. */
  busy(): Promise<unknown> | undefined;
  feed(bytes: Uint8Array): void;
  /** All bytes of this pass are fed: waits until all is worked on. */
  end(): Promise<void>;
  /** No more bytes will come, though there are more: waits until what is whole is worked on. */
  stop(): Promise<void>;
  rows(): Uint8Array;
  rejects(): Uint8Array;
  /** The pass, the bytes that are done in it, and the records. */
  progress(): Iterable<number>;
  /** The report so far, while nothing is on its way; nothing while a pass learns. */
  glance(): Promise<string | undefined>;
  /** The report; nothing if all is to be fed once more. Before it, `rows` and `rejects` are empty. */
  finish(cancelled: boolean): string | undefined;
  free(): void;
}

/**
 * Gives back what an instance holds. What a trap left half done cannot be given back, and goes with the
 * instance; its failure is the one to be told.
 */
export function freed(...held: { free(): void }[]): void {
  for (const one of held) {
    try {
      one.free();
    } catch {
      // The instance died in it.
    }
  }
}

/** Orders are planned the same way everywhere, so that plans are the same. */
export function planned(glue: Glue, order: Order): Mill {
  if (order.typed !== undefined) {
    return glue.Mill.rows(order.recipe, order.name, order.window, order.typed === true ? undefined : order.typed, order.encoding);
  }
  return new glue.Mill(order.recipe, order.name, order.window, order.rows, order.rejects, order.profile, order.all, order.encoding);
}

/** All in this instance. */
export function alone(mill: Mill): Driver {
  return local(mill.alone());
}

function local(run: Run): Driver {
  return {
    busy: () => undefined,
    feed: (bytes) => run.feed(bytes),
    end: async () => run.end(),
    stop: async () => {},
    rows: () => run.rows(),
    rejects: () => run.rejects(),
    progress: () => run.progress(),
    glance: async () => run.glance(),
    finish: (cancelled) => run.finish(cancelled),
    free: () => run.free(),
  };
}
