// The corpus and all recipes for it, for hosts that do a job at a call. What the command makes of
// them comes from `command.mjs`.
import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { agrees, files, profiled, ran, recipes, root } from './command.mjs';

export { corpus, own } from './command.mjs';
/** What `xtask wasm` made: a folder with `plain` and `threads`. */
export const folder = pathToFileURL(`${process.env.TIDEMILL_WASM ?? join(root, 'target/web')}/`);

function caught(job) {
  try {
    return job();
  } catch (error) {
    return { error };
  }
}

/**
 * Profiles every file; `ways(recipe, file, options, expect)` calls `expect(job, way)` for each way it
 * has of doing it.
 */
export function profiles(ways) {
  let done = 0;
  for (const file of files) {
    const expected = profiled(file);
    ways('tidemill = 1', file, { rows: false, rejects: false, profile: ['*'] }, (job, way) => {
      agrees(caught(job), expected, `profile of ${basename(file)}, ${way}`);
      if (expected.failure === undefined) done += 1;
    });
  }
  assert.ok(done > files.length);
}

/** Runs all recipes over every file that they are for. */
export function runs(ways) {
  let done = 0;
  for (const file of files) {
    for (const [word, recipe] of Object.entries(recipes(file))) {
      const expected = ran(recipe, file);
      ways(recipe, file, { rows: true, rejects: true, profile: undefined }, (job, way) => {
        agrees(caught(job), expected, `${word} over ${basename(file)}, ${way}`);
        if (expected.failure === undefined) done += 1;
      });
    }
  }
  assert.ok(done > 3 * files.length);
}
