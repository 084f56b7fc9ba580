// The page's own modules, as its build sees them.
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** What the command says that a recipe may hold. */
export const schema = () =>
  JSON.parse(execFileSync(process.env.TIDEMILL_BIN ?? join(root, 'target/release/tidemill'), ['schema'], { encoding: 'utf8' }));

export const app = join(root, 'web/app');
const found = createRequire(join(app, 'package.json'));

/** What the page's dependency `name` exports. */
export const dependency = (name) => import(pathToFileURL(found.resolve(name)).href);

/** Loads `src/lib/NAME.ts` of each name, then calls `work` with what they export. */
export async function load(...names) {
  const { createServer } = await import(pathToFileURL(join(app, 'node_modules/vite/dist/node/index.js')).href);
  const server = await createServer({ root: app, configFile: false, appType: 'custom', logLevel: 'error', server: { middlewareMode: true, hmr: false, ws: false, watch: null }, optimizeDeps: { noDiscovery: true } });
  try {
    return await Promise.all(names.map((name) => server.ssrLoadModule(`/src/lib/${name}.ts`)));
  } finally {
    await server.close();
  }
}
