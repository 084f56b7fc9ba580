//! What was, what is, and what was undone. Values are never changed in place.

/** Changes to one thing within this time are one. */
const TOGETHER = 1000;
const DEEP = 200;

export class History<T> {
  now: T = $state.raw() as T;
  private past: T[] = $state.raw([]);
  private future: T[] = $state.raw([]);
  private last: { what: string; at: number } | undefined;

  constructor(first: T) {
    this.now = first;
  }

  get undoable(): boolean {
    return this.past.length > 0;
  }

  get redoable(): boolean {
    return this.future.length > 0;
  }

  /** `what` is changed: letters typed one after the other into one field are undone together. */
  set(next: T, what?: string): void {
    if (next === this.now) return;
    const at = performance.now();
    const same = what !== undefined && this.last?.what === what && at - this.last.at < TOGETHER;
    if (!same) this.past = [...this.past.slice(1 - DEEP), this.now];
    this.future = [];
    this.now = next;
    this.last = what === undefined ? undefined : { what, at };
  }

  undo(): void {
    const before = this.past.at(-1);
    if (before === undefined) return;
    this.past = this.past.slice(0, -1);
    this.future = [...this.future, this.now];
    this.now = before;
    this.last = undefined;
  }

  redo(): void {
    const after = this.future.at(-1);
    if (after === undefined) return;
    this.future = this.future.slice(0, -1);
    this.past = [...this.past, this.now];
    this.now = after;
    this.last = undefined;
  }

  /** Another thing altogether, with nothing before it. */
  begin(first: T): void {
    this.past = [];
    this.future = [];
    this.now = first;
    this.last = undefined;
  }
}
