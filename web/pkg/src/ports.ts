import { told } from './errors.js';
import type { Result } from './protocol.js';
import type { Cell } from './mill.js';

/** A stream stays on the page; the port that is returned is the engine's end of it. */
export function pumped(stream: ReadableStream<Uint8Array> | WritableStream<Uint8Array>): MessagePort {
  const { port1, port2 } = new MessageChannel();
  if (stream instanceof ReadableStream) pull(stream.getReader(), port1);
  else push(stream.getWriter(), port1);
  return port2;
}

function pull(reader: ReadableStreamDefaultReader<Uint8Array>, port: MessagePort): void {
  port.onmessage = async ({ data }) => {
    if (data === 'cancel') {
      port.close();
      await reader.cancel().catch(() => {});
      return;
    }
    try {
      const { value } = await reader.read();
      port.postMessage({ piece: value });
    } catch (error) {
      port.postMessage({ failed: told(error, 'input') });
    }
  };
}

function push(writer: WritableStreamDefaultWriter<Uint8Array>, port: MessagePort): void {
  port.onmessage = async ({ data }) => {
    try {
      if (data === 'close') await writer.close();
      else if ('abort' in data) {
        port.close();
        await writer.abort(data.abort).catch(() => {});
        return;
      } else {
        await writer.ready;
        await writer.write(data.piece);
      }
      port.postMessage({});
    } catch (error) {
      port.postMessage({ failed: told(error, 'output') });
    }
  };
}

/** Batches of typed rows through a port, until the work is over. */
export async function* ported(port: MessagePort, work: Promise<Result>, as: 'objects' | 'arrays'): AsyncGenerator<Cell[][] | Record<string, Cell>[], void, undefined> {
  type Message = { columns?: string; lines?: Uint8Array; over?: true };
  const messages: Message[] = [];
  let wake: (() => void) | undefined;
  port.onmessage = ({ data }: { data: Message }) => {
    messages.push(data);
    wake?.();
  };
  const next = async (): Promise<Message> => {
    for (;;) {
      const message = messages.shift();
      if (message) return message;
      const came = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // A failure of the work is the answer; its end comes through the port, after the last batch.
      const ended = await Promise.race([came.then(() => false), work.then(() => messages.length === 0)]);
      if (ended) return { over: true };
    }
  };
  const { columns = '[]' } = await next();
  const known = JSON.parse(columns) as { name: string; type: string }[];
  const names = known.map(({ name }) => name);
  const whole = known.flatMap(({ type }, index) => (type === 'integer' ? [index] : []));
  const decoder = new TextDecoder();
  for (;;) {
    port.postMessage('more');
    const { lines, over } = await next();
    if (over || lines === undefined) return;
    const text = decoder.decode(lines).trimEnd().replaceAll('\n', ',');
    const rows = JSON.parse(`[${text}]`) as Cell[][];
    for (const row of rows) {
      for (const index of whole) {
        const cell = row[index];
        // What is no integer was kept as it is by the recipe's `on_error`.
        if (typeof cell === 'string' && /^-?\d+$/.test(cell)) row[index] = BigInt(cell);
      }
    }
    yield as === 'arrays' ? rows : rows.map((row) => named(names, row));
  }
}

/** Own properties whatever the names are, `__proto__` too. */
function named(names: string[], row: Cell[]): Record<string, Cell> {
  return Object.fromEntries(names.map((name, index) => [name, row[index] ?? null]));
}
