//! How fast it goes and how long it will take, from what was told so far.

export interface Told {
  pass: number;
  passes: number;
  bytes: number;
  total: number | undefined;
}

/** The seconds over which speed is taken. */
const WINDOW = 3;

export class Rate {
  private readonly seen: { at: number; bytes: number }[] = [];

  /** `at` in seconds. */
  tell({ pass, bytes, total }: Told, at: number): void {
    const done = (pass - 1) * (total ?? 0) + bytes;
    this.seen.push({ at, bytes: done });
    while (this.seen.length > 2 && (this.seen[1] as { at: number }).at < at - WINDOW) this.seen.shift();
  }

  /** Bytes a second. */
  get speed(): number | undefined {
    const first = this.seen[0];
    const last = this.seen.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 0.2) return undefined;
    return (last.bytes - first.bytes) / (last.at - first.at);
  }

  /** Seconds until all passes are done. */
  left({ pass, passes, bytes, total }: Told): number | undefined {
    const speed = this.speed;
    if (speed === undefined || speed <= 0 || total === undefined) return undefined;
    return Math.max(0, total * (passes - pass + 1) - bytes) / speed;
  }
}

/** From 0 to 1, over all passes. */
export function share({ pass, passes, bytes, total }: Told): number | undefined {
  if (total === undefined) return undefined;
  if (total === 0) return 1;
  return Math.min(1, (pass - 1 + bytes / total) / passes);
}
