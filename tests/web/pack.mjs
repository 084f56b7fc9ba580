// The package as it is published: packed, and installed into copies of the fixtures.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { folder, root } from './command.mjs';

const here = dirname(fileURLToPath(import.meta.url));
/** The package's folder. */
export const pkg = process.env.TIDEMILL_PKG ?? join(root, 'web/pkg');
/** Where the bundlers are. */
export const tools = join(here, 'node_modules');

let tarball;

function packed() {
  if (tarball !== undefined) return tarball;
  execFileSync('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder()], { cwd: pkg });
  const [name] = readdirSync(folder()).filter((file) => file.endsWith('.tgz'));
  tarball = join(folder(), name);
  return tarball;
}

/** A copy of the fixture `name` with the tarball installed; its folder. */
export function installed(name) {
  const app = join(folder(), `app-${name}`);
  cpSync(join(here, 'fixtures', name), app, { recursive: true });
  execFileSync('npm', ['install', '--no-save', '--no-package-lock', '--offline', '--silent', packed()], { cwd: app, stdio: 'inherit' });
  return app;
}
