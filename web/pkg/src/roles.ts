import { Engine } from './engine.js';
import { Hand } from './hand.js';
import { joinPool } from './pool.js';
import type { First, ToEngine, ToHand } from './protocol.js';

/** What takes a worker's messages: the first one decides what the worker is. */
export function listen(say: (message: unknown, transfer?: Transferable[]) => void): (message: unknown) => void {
  let take: ((message: unknown) => void) | undefined;
  return (message) => {
    if (take !== undefined) return take(message);
    const first = message as First;
    if (first.role === 'engine') {
      const engine = new Engine(say);
      say({ up: true });
      take = (next) => void engine.take(next as ToEngine);
    } else if (first.role === 'hand') {
      const hand = new Hand(say);
      take = (next) => hand.take(next as ToHand);
      take(first);
    } else {
      joinPool(first, say);
    }
  };
}
