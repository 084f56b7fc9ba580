import type { Peer } from './host.js';

/** A worker whose script is at `url`, which may be of another origin. */
export function workerAt(url: string | URL): Peer {
  const whole = new URL(url, location.href);
  const own = whole.origin === location.origin || whole.protocol === 'blob:' || whole.protocol === 'data:';
  // The address stays: workers that are started later need it too.
  const script = own ? whole.href : URL.createObjectURL(new Blob([`import ${JSON.stringify(whole.href)};`], { type: 'text/javascript' }));
  return spawned(script);
}

// A bundler would take the form `new Worker(new URL(...))` for one of its own.
const spawned = (script: string): Peer => new Worker(script, { type: 'module', name: 'tidemill' }) as Peer;
