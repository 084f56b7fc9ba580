// The reader as WebAssembly in Node beside the native one with SSE2, in turns, in memory and on one core:
// `node in-node.mjs MODULE NATIVE FILE...`. CPU time; medians of all rounds.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename } from 'node:path';

const [module, native, ...files] = process.argv.slice(2);
const SIZE = 32 << 20;
const [ROUNDS, TIMES] = [7, 5];

const { exports } = await WebAssembly.instantiate(new WebAssembly.Module(readFileSync(module)));

function beginning(path) {
  const file = openSync(path);
  const bytes = Buffer.alloc(SIZE);
  const length = readSync(file, bytes, 0, SIZE, 0);
  closeSync(file);
  return bytes.subarray(0, bytes.subarray(0, length).lastIndexOf(10) + 1);
}

const median = (list) => list.sort((a, b) => a - b)[list.length >> 1];

for (const path of files) {
  const text = beginning(path);
  const at = exports.room(text.length);
  new Uint8Array(exports.memory.buffer).set(text, at);
  const columns = text.subarray(0, text.indexOf(10)).toString().split(',').length;
  for (const [what, width] of [['fields', columns], ['boundaries', 0]]) {
    const [ours, theirs] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const lines = execFileSync(native, [path, text.length, width, TIMES].map(String)).toString().trim().split('\n').map(Number);
      const found = lines.shift();
      theirs.push(...lines);
      for (let time = 0; time < TIMES; time += 1) {
        const from = process.cpuUsage();
        assert.equal(exports.read(width), found);
        const { user, system } = process.cpuUsage(from);
        // The first is compiled by the quick compiler.
        if (round > 0 || time > 0) ours.push((user + system) / 1e6);
      }
    }
    const [wasm, sse2] = [median(ours), median(theirs)].map((seconds) => text.length / 1e6 / seconds);
    console.log(`${what} of ${basename(path)}: ${wasm.toFixed(0)} MB/s in Node, ${sse2.toFixed(0)} MB/s with SSE2, ${(sse2 / wasm).toFixed(2)} times`);
  }
}
