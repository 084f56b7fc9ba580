// A static server for the tests: folders by path, the headers of isolation and a strict policy, and
// a record of every request.
import { createServer } from 'node:http';
import { createReadStream, statSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.map': 'application/json',
  '.wasm': 'application/wasm',
};

/** The policy that the documentation gives. */
export const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'";

function file(folder, path) {
  const found = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
  if (found !== folder && !found.startsWith(folder + sep)) return undefined;
  return statSync(found, { throwIfNoEntry: false })?.isFile() ? found : undefined;
}

/**
 * Serves `mounts` (path to folder, the longest path first to match) on a port of its own.
 * `isolated` sets COOP and COEP, `csp` the policy, `headers` whatever they say. `meddle(path, response, go)` may answer in
 * its own way, or later by `go`, or never, and says so by returning true.
 */
export async function serve(mounts, { isolated = true, csp = policy, headers = {}, meddle } = {}) {
  const requests = [];
  const places = Object.keys(mounts).sort((a, b) => b.length - a.length);
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const record = { method: request.method, url: request.url, path, bytes: 0, status: 0 };
    requests.push(record);
    request.on('data', (data) => {
      record.bytes += data.length;
    });
    response.on('close', () => {
      record.status = response.statusCode;
    });
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    if (csp) response.setHeader('Content-Security-Policy', csp);
    response.setHeader('Cache-Control', 'no-store');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    const go = () => {
      const mount = places.find((place) => path.startsWith(place));
      const found = mount && file(mounts[mount], `/${path.slice(mount.length)}`);
      if (!found) {
        response.writeHead(404, { 'Content-Type': 'text/plain' }).end('not here\n');
        return;
      }
      response.setHeader('Content-Type', types[extname(found)] ?? 'application/octet-stream');
      createReadStream(found).on('error', () => response.destroy()).pipe(response);
    };
    if (!meddle?.(path, response, go)) go();
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  // A test that fails is not to hang for it.
  server.unref();
  const { port } = server.address();
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A proxy that lets nothing through and records what was asked of it. */
export async function wall() {
  const asked = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  // A test that fails is not to hang for it.
  server.unref();
  return {
    address: `127.0.0.1:${server.address().port}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
