// One thread of a pool.
import { parentPort, workerData } from 'node:worker_threads';

const { glue, module, memory, receiver } = workerData;
const { died, initSync, wbg_rayon_start_worker } = await import(glue);
initSync({ module, memory });
parentPort.postMessage('up');
try {
  wbg_rayon_start_worker(receiver);
} catch {
  died();
}
