//! A service worker that answers with the headers of an isolated page. It keeps nothing, and touches
//! nothing of another origin.
interface Fetched extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Extended extends Event {
  waitUntil(work: Promise<unknown>): void;
}
const scope = self as unknown as {
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  addEventListener(name: string, take: (event: never) => void): void;
};

scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event: Extended) => event.waitUntil(scope.clients.claim()));
scope.addEventListener('fetch', (event: Fetched) => {
  const { request } = event;
  if (new URL(request.url).origin !== location.origin) return;
  // Such a request can only be answered by the browser itself.
  if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return;
  event.respondWith(answered(request));
});

async function answered(request: Request): Promise<Response> {
  const answer = await fetch(request);
  if (answer.status === 0 || answer.type === 'opaqueredirect') return answer;
  const headers = new Headers(answer.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  const empty = [101, 204, 205, 304].includes(answer.status);
  return new Response(empty ? null : answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
