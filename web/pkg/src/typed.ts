import type { Sink } from './host.js';

/** Rows as lines of JSON, handed out by the batch to who asks through the port. */
export function typedRows(port: MessagePort, batch: number, columns: string): Sink {
  let asked = false;
  let wake: (() => void) | undefined;
  port.onmessage = () => {
    asked = true;
    wake?.();
  };
  port.postMessage({ columns });
  const turn = async (): Promise<void> => {
    while (!asked) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    asked = false;
  };
  let held: Uint8Array[] = [];
  let lines = 0;
  const flush = async (): Promise<void> => {
    if (lines === 0) return;
    await turn();
    const bytes = joined(held);
    held = [];
    lines = 0;
    port.postMessage({ lines: bytes }, [bytes.buffer as ArrayBuffer]);
  };
  return {
    async write(bytes) {
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, end + 1)) {
        lines += 1;
        if (lines < batch) continue;
        held.push(bytes.subarray(from, end + 1));
        from = end + 1;
        await flush();
      }
      if (from < bytes.length) held.push(bytes.subarray(from));
    },
    async close() {
      await flush();
      await turn();
      port.postMessage({ over: true });
      port.close();
      return undefined;
    },
    async abort() {
      port.close();
    },
  };
}

function joined(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
