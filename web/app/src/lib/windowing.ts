//! Which of many things are in sight, so that only those are drawn.

/** Indices from `first` up to, not with, `end`. */
export interface Range {
  first: number;
  end: number;
}

/** Of `count` things of one size, those that an extent of `length` at `from` shows, and `spare` more on both sides. */
export function inSight(count: number, size: number, from: number, length: number, spare: number): Range {
  if (size <= 0) return { first: 0, end: 0 };
  const first = Math.max(0, Math.min(count, Math.floor(from / size) - spare));
  const end = Math.max(first, Math.min(count, Math.ceil((from + length) / size) + spare));
  return { first, end };
}

/** The same where sizes differ; `edges` are where each begins, and at last where all end. */
export function between(edges: readonly number[], from: number, length: number, spare: number): Range {
  const count = edges.length - 1;
  if (count <= 0) return { first: 0, end: 0 };
  const at = (place: number): number => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((edges[middle + 1] as number) <= place) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { first: Math.max(0, at(from) - spare), end: Math.min(count, at(from + length) + 1 + spare) };
}

export function edgesOf(sizes: readonly number[]): number[] {
  const edges = [0];
  for (const size of sizes) edges.push((edges.at(-1) as number) + size);
  return edges;
}
