// What the tests call in the page. `harness.tidemill` is the package.

async function base64(blob) {
  if (blob === undefined || blob === null) return undefined;
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 32_768) text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  return btoa(text);
}

const harness = {
  tidemill: undefined,
  mills: new Map(),

  async load(path) {
    harness.tidemill = await import(path);
  },

  file(name) {
    const found = [...document.querySelector('input').files].find((file) => file.name === name);
    if (!found) throw new Error(`${name} was not chosen`);
    return found;
  },

  async start(options, name = 'mill') {
    const mill = await harness.tidemill.Tidemill.start(options);
    harness.mills.set(name, mill);
    globalThis[name] = mill;
    return { mode: mill.mode, why: mill.why, threads: mill.threads, isolated: crossOriginIsolated };
  },

  async stop(name = 'mill') {
    const mill = harness.mills.get(name);
    harness.mills.delete(name);
    await mill?.stop();
  },

  /** A failure's fields; those of the package's classes, and what any error has. */
  plain(error) {
    const fields = Object.fromEntries(['name', 'kind', 'place', 'found', 'expected', 'hint'].map((key) => [key, error?.[key]]));
    const { RecipeError, Fault } = harness.tidemill;
    return { ...fields, message: String(error?.message ?? error), typed: error instanceof RecipeError || error instanceof Fault };
  },

  async caught(job) {
    try {
      return { value: await job() };
    } catch (error) {
      return { error: harness.plain(error) };
    }
  },

  /** Does jobs (`{ file, recipe? }`, without a recipe a profile) and gives what came, in base64. */
  async jobs(list, name = 'mill') {
    const mill = harness.mills.get(name);
    const answers = [];
    for (const { file, recipe } of list) {
      try {
        if (recipe === undefined) {
          answers.push({ report: (await mill.profile(harness.file(file))).json });
          continue;
        }
        const { report, output, rejects } = await mill.run(recipe, harness.file(file), { sink: 'blob', rejects: 'blob' });
        answers.push({ report: report.json, rows: await base64(output), rejects: await base64(rejects) });
      } catch (error) {
        answers.push({ error: harness.plain(error) });
      }
    }
    return answers;
  },
};

globalThis.harness = harness;
