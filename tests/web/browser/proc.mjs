// What a browser costs, as Linux counts it.
import { readFileSync, readdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A process and all that it has started. */
export function family(root) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}

const tick = 1 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** CPU seconds that a process and its family have used. */
export function seconds(root) {
  let ticks = 0;
  for (const pid of family(root)) {
    const stat = read(`/proc/${pid}/stat`);
    if (!stat) continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * tick;
}

/** The family's processes that render pages. */
export function renderers(root) {
  return family(root).filter((pid) => read(`/proc/${pid}/cmdline`)?.includes('--type=renderer'));
}

/** MiB that processes hold: their share of what they share, and their own. */
export function held(pids) {
  let kib = 0;
  for (const pid of pids) kib += Number(/^Pss:\s+(\d+)/m.exec(read(`/proc/${pid}/smaps_rollup`) ?? '')?.[1] ?? 0);
  return kib / 1024;
}

/** Watches memory until `done` is called, which gives the most that was seen, in MiB. */
export function watch(root, every = 100) {
  let peak = 0;
  let samples = 0;
  const look = () => {
    const pids = renderers(root);
    if (pids.length === 0) return;
    samples += 1;
    peak = Math.max(peak, held(pids));
  };
  look();
  const clock = setInterval(look, every);
  return {
    done() {
      clearInterval(clock);
      look();
      return { peak, samples };
    },
  };
}
