//! What a screen reader is told of changes that are only seen.
import { untrack } from 'svelte';

class Teller {
  said: string = $state('');

  say(text: string): void {
    // The same words twice are told twice.
    this.said = untrack(() => this.said) === text ? `${text}\u00a0` : text;
  }
}

export const teller = new Teller();
