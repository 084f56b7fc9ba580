import { svelte } from '@sveltejs/vite-plugin-svelte';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const here = import.meta.dirname;

// Files that keep their names: the service worker must lie beside the page, and the examples are
// those of the corpus.
const kept: Record<string, string> = {
  'isolate-worker.js': join(here, 'node_modules/tidemill/dist/isolate-worker.js'),
  'examples/lesson.csv': join(here, '../../tests/corpus/lesson.csv'),
  'examples/flights.csv': join(here, '../../tests/corpus/flights.csv'),
};

function keep(): Plugin {
  return {
    name: 'keep',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = kept[(request.url ?? '').replace(/^\//, '').replace(/\?.*$/, '')];
        if (path === undefined) return next();
        response.setHeader('Content-Type', path.endsWith('.js') ? 'text/javascript' : 'text/csv');
        response.end(readFileSync(path));
      });
    },
    writeBundle(options) {
      for (const [name, path] of Object.entries(kept)) {
        const to = join(options.dir ?? 'dist', name);
        mkdirSync(join(to, '..'), { recursive: true });
        cpSync(path, to);
      }
    },
  };
}

const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  base: './',
  plugins: [svelte(), keep()],
  build: { target: ['chrome123', 'firefox128', 'safari17.5'], modulePreload: { polyfill: false }, assetsInlineLimit: 0 },
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['tidemill'] },
  server: { headers },
  preview: { headers },
});
