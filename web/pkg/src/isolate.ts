/** What came of {@link isolate}. */
export type Isolation = 'isolated' | 'reloading' | 'impossible';

/**
 * Makes a page isolated on a host whose headers cannot be set, by a service worker that sets them.
 * The page is loaded once more, once per session; if that does not help, it stays as it is, and the
 * work is shared out to instances.
 *
 * `script` is the address of a copy of `tidemill/isolate-worker.js` on the page's own origin, at or
 * above the folder of the page.
 */
export async function isolate(script: string | URL): Promise<Isolation> {
  if (crossOriginIsolated) return 'isolated';
  if (!isSecureContext || !('serviceWorker' in navigator)) return 'impossible';
  const key = 'tidemill-isolate';
  try {
    if (sessionStorage.getItem(key) !== null) return 'impossible';
    await navigator.serviceWorker.register(script);
    await navigator.serviceWorker.ready;
    sessionStorage.setItem(key, 'tried');
  } catch {
    // No storage or no service worker: then the page goes on without.
    return 'impossible';
  }
  location.reload();
  return 'reloading';
}
