//! What the page and its engine, and the engine and its hands, say to each other.
import type { Failure } from './errors.js';

export type Mode = 'threads' | 'instances' | 'plain';

/** Where a module's bytes are, or the bytes, or what was compiled of them. */
export type Wasm = string | Uint8Array | WebAssembly.Module;

/** Why a mode was taken, for programs; `why` says it in words. */
export type Reason = 'isolated' | 'not-isolated' | 'no-shared-memory' | 'no-threads' | 'asked' | 'one-core' | 'pool-failed' | 'hands-failed';

export interface Setup {
  mode: Mode | undefined;
  threads: number | undefined;
  /** MiB: the most that one memory may grow to. */
  memory: number | undefined;
  /** Milliseconds until a pool that does not start is given up. */
  patience: number;
  /** What kept threads from starting, in an engine that takes another's place. */
  failed: string | undefined;
  plain: Wasm | undefined;
  shared: Wasm | undefined;
  unpack: Wasm | undefined;
}

export interface Ready {
  mode: Mode;
  reason: Reason;
  why: string;
  threads: number;
  /** MiB. */
  memory: number;
}

/** An input as it goes to the engine. A stream stays where it is, and is pulled through a port. */
export type Input = { blob: Blob } | { bytes: Uint8Array } | { port: MessagePort } | { path: string };

/** An output as it goes to the engine. A stream stays where it is, and is fed through a port. */
export type Output = 'blob' | { opfs: string } | { handle: FileSystemFileHandle } | { port: MessagePort } | { path: string };

export interface Job {
  recipe: string;
  name: string;
  input: Input;
  /** Columns to profile, if it is a profile. */
  profile?: string[] | undefined;
  /** A profile with all there is to tell. */
  all?: boolean | undefined;
  rows?: Output | undefined;
  rejects?: Output | undefined;
  /** Typed rows instead of text, of these columns, to be asked for through the port. */
  typed?: { port: MessagePort; fields: string[] | undefined; batch: number } | undefined;
  /** Whether reports are wanted on the way. */
  glances?: boolean | undefined;
  /** The input's size, where the input does not say. */
  size?: number | undefined;
  /** Rows of a preview. */
  preview?: number | undefined;
}

export interface Progress {
  /** From 1. */
  pass: number;
  passes: number;
  /** Bytes of the input that are done in this pass. */
  bytes: number;
  /** Bytes of the input, if that is known. */
  total: number | undefined;
  /** Records that are done in this pass. */
  records: number;
}

export interface Result {
  /** The report's text; null for a preview's or typed rows' job. */
  json: string;
  output?: Blob | undefined;
  rejects?: Blob | undefined;
}

export type ToEngine =
  | { id: number; setup: Setup }
  | { id: number; job: Job }
  | { id: number; abort: true };

export type FromEngine =
  | { up: true }
  | { id: number; ready: Ready }
  | { id: number; progress: Progress }
  | { id: number; sofar: string }
  | { id: number; done: Result }
  | { id: number; failed: Failure };

/** What a hand needs to make its own plan: the same for all hands. */
export interface Order {
  recipe: string;
  name: string;
  window: Uint8Array;
  rows: boolean;
  rejects: boolean;
  profile: string[] | undefined;
  all: boolean | undefined;
  typed: string[] | true | undefined;
  /** What the bytes were decoded from. */
  encoding: string | undefined;
}

export type ToHand =
  | { module: WebAssembly.Module; memory: number | undefined }
  | { job: number; order: Order }
  | { job: number; lesson: Uint8Array }
  | { job: number; parcel: Uint8Array; number: number }
  | { job: number; share: true }
  | { job: number; over: true };

export type FromHand =
  | { up: true }
  | { job: number; number: number; answer: Uint8Array }
  | { job: number; share: Uint8Array }
  | { job: number; number?: number; failed: Failure };

/** The first message of a worker decides what it is. */
export type First = { role: 'engine' } | { role: 'hand'; module: WebAssembly.Module; memory: number | undefined } | { role: 'pool'; module: WebAssembly.Module; memory: WebAssembly.Memory; receiver: number };
