import type { Driver } from './drive.js';
import { fault } from './errors.js';
import type { Glue, Mill } from './module.js';
import type { Wasm } from './protocol.js';

export async function startPool(_: Wasm, __: number | undefined, ___: number, ____: number): Promise<{ glue: Glue; limit: number }> {
  throw fault('state', 'start', 'threads are not there yet', '');
}

export function pooled(_: Glue, __: Mill, ___: number): Driver {
  throw fault('state', 'start', 'threads are not there yet', '');
}
