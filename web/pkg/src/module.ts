import type * as Plain from '../glue/plain/tidemill.js';
import type { Wasm } from './protocol.js';
import { fault } from './errors.js';

/** What both modules have, but for how they are started. */
export type Glue = Omit<typeof Plain, 'default' | 'initSync'>;
export type Mill = Plain.Mill;

/** MiB: what memories may grow to, from the most that the format allows downwards. */
const LADDER = [4096, 2048, 1024, 512, 256];
const PAGES = 16;

export async function compiled(wasm: Wasm, place: string): Promise<WebAssembly.Module> {
  if (wasm instanceof WebAssembly.Module) return wasm;
  if (typeof wasm !== 'string') return WebAssembly.compile(wasm as Uint8Array<ArrayBuffer>);
  let answer: Response;
  try {
    answer = await fetch(wasm);
  } catch (error) {
    throw fault('state', place, `${wasm} could not be fetched (${String(error)})`, "the module of the package",
      'serve it beside the script, or state its address as wasmUrl');
  }
  if (!answer.ok) {
    throw fault('state', place, `${wasm} was answered with ${answer.status}`, 'the module of the package',
      'serve it beside the script, or state its address as wasmUrl');
  }
  // Without the right type it cannot be compiled while it comes, which is no reason to fail.
  if (answer.headers.get('content-type')?.startsWith('application/wasm')) return WebAssembly.compileStreaming(answer);
  return WebAssembly.compile(await answer.arrayBuffer());
}

export interface Memory {
  memory: WebAssembly.Memory;
  /** MiB: how far it may grow. */
  limit: number;
}

/** The largest memory that the browser gives, of at most `most` MiB. */
export function memory(initial: number, most: number | undefined, shared: boolean): Memory {
  const steps = most === undefined ? LADDER : [most, ...LADDER.filter((step) => step < most)];
  let last: unknown;
  for (const limit of steps) {
    const maximum = Math.min(limit * PAGES, 65_536);
    if (maximum < initial) continue;
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared }), limit };
    } catch (error) {
      last = error;
    }
  }
  throw fault('limit', 'memory', `no memory of ${steps.at(-1)} MiB (${String(last ?? 'too small')})`,
    `at least ${Math.ceil(initial / PAGES)} MiB of memory`, 'close other pages, or ask for more');
}
