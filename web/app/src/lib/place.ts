//! Where in a recipe a failure is.

/** The number of the step that a failure's place names, from 1. */
export function stepOf(place: string): number | undefined {
  const found = /(?:^|, )step (\d+)/.exec(place)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** The place without the number of the step and the line, which are shown by where it stands. */
export function within(place: string): string {
  return place.replace(/^.*?step \d+[.,]? ?/, '').replace(/ ?\(line \d+\)/, '').trim();
}
