// WebKit as Debian ships it: WebKitGTK's MiniBrowser on a virtual screen, driven by plain WebDriver. It
// offers the part of puppeteer's interface that the tests of conformance use.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

function browser() {
  for (const lib of readdirSync('/usr/lib')) {
    for (const version of ['4.1', '6.0']) {
      const path = `/usr/lib/${lib}/webkit2gtk-${version}/MiniBrowser`;
      if (existsSync(path)) return path;
    }
  }
  throw new Error('no MiniBrowser; the package webkit2gtk-driver brings it');
}

async function free() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The key under which WebDriver names an element. */
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';

class Page {
  constructor(call) {
    this.call = call;
  }

  on() {}

  async goto(url) {
    await this.call('POST', '/url', { url });
  }

  async evaluate(work, ...args) {
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve().then(() => (${work})(...[...arguments].slice(0, -1)))
        .then((value) => done({ value }), (error) => done({ thrown: String(error?.message ?? error) }));`;
    const { value, thrown } = await this.call('POST', '/execute/async', { script, args });
    if (thrown !== undefined) throw new Error(thrown);
    return value;
  }

  async waitForFunction(expression) {
    for (let tries = 0; tries < 200; tries += 1) {
      const { value } = { value: await this.call('POST', '/execute/sync', { script: `return Boolean(${expression})`, args: [] }) };
      if (value) return;
      await sleep(50);
    }
    throw new Error(`never true: ${expression}`);
  }

  async $(selector) {
    const found = await this.call('POST', '/element', { using: 'css selector', value: selector });
    return {
      uploadFile: (...paths) => this.call('POST', `/element/${found[ELEMENT]}/value`, { text: paths.join('\n') }),
    };
  }

  /** There is one window; the next page takes it over. */
  async close() {
    await this.goto('about:blank');
  }
}

/** Starts WebKit. `env` goes to the browser, where JSC_... set options of its engine. */
export async function webkit({ env = {} } = {}) {
  const port = await free();
  const driver = spawn('xvfb-run', ['-a', 'WebKitWebDriver', `--port=${port}`], {
    stdio: 'ignore',
    detached: true,
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1', WEBKIT_DISABLE_COMPOSITING_MODE: '1', ...env },
  });
  let dead = false;
  driver.on('error', () => {
    dead = true;
  });
  driver.on('exit', () => {
    dead = true;
  });
  const kill = () => {
    try {
      process.kill(-driver.pid);
    } catch {
      // It is gone already.
    }
  };
  process.once('exit', kill);

  async function ask(method, path, body) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (value?.error) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }

  try {
    for (let tries = 0; ; tries += 1) {
      try {
        await ask('GET', '/status');
        break;
      } catch (error) {
        if (dead || tries === 100) throw new Error(`WebKitWebDriver did not start: ${error.message}`);
        await sleep(100);
      }
    }
    const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { binary: browser(), args: ['--automation'] } } };
    const { sessionId } = await ask('POST', '/session', { capabilities });
    const call = (method, path, body) => ask(method, `/session/${sessionId}${path}`, body);
    await call('POST', '/timeouts', { script: 600_000 });
    return {
      newPage: async () => new Page(call),
      async close() {
        await call('DELETE', '').catch(() => {});
        kill();
      },
    };
  } catch (error) {
    kill();
    throw error;
  }
}
