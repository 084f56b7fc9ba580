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

/** Where in a step a mistake is, and what it is. */
export interface Wrong {
  path: string;
  text: string;
}

const bare = (path: string): string => path.replace(/, character \d+.*$/, '').replaceAll('"', '').trim();

/** Whether a mistake's place is this one: the very value, and nothing within it. */
export const atPlace = (place: string, path: string): boolean => bare(place) === bare(path);
