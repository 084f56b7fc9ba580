//! The browser's own storage for this origin, where rows lie until they are downloaded. Each tab has
//! its own names and holds a lock; what a closed tab left behind is taken away.

const PREFIX = 'tidemill-page-';
// A page that is not secure has no UUIDs, and no such storage either.
const tab = `${PREFIX}${crypto.randomUUID?.() ?? 'none'}`;
let last = 0;

/** How much there is to be had, or nothing if there is no such storage. */
export async function room(): Promise<number | undefined> {
  try {
    await navigator.storage.getDirectory();
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    return Math.max(0, quota - usage);
  } catch {
    return undefined;
  }
}

export function named(): { opfs: string } {
  return { opfs: `${tab}-${(last += 1)}.csv` };
}

/** Takes this tab's files away, but not those that are named. */
export async function sweep(but: readonly string[] = []): Promise<void> {
  await clear((name) => name.startsWith(tab) && !but.includes(name));
}

/** Says that this tab lives, and takes away what dead ones left. */
export async function live(): Promise<void> {
  const { locks } = navigator;
  if (locks === undefined) return;
  void locks.request(tab, () => new Promise(() => {}));
  const { held = [] } = await locks.query();
  const alive = new Set(held.map(({ name }) => name));
  await clear((name) => name.startsWith(PREFIX) && !name.startsWith(tab) && !alive.has(name.replace(/-\d+\.csv$/, '')));
}

async function clear(goes: (name: string) => boolean): Promise<void> {
  try {
    const folder = await navigator.storage.getDirectory();
    const names: string[] = [];
    for await (const name of (folder as unknown as { keys(): AsyncIterable<string> }).keys()) if (goes(name)) names.push(name);
    for (const name of names) await folder.removeEntry(name);
  } catch {
    // There is no such storage, or the file is in use.
  }
}
