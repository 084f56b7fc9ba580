//! The one script of all workers of a page.
import { listen } from './roles.js';

const scope = self as unknown as { postMessage(message: unknown, transfer?: Transferable[]): void };
const take = listen((message, transfer = []) => scope.postMessage(message, transfer));
self.onmessage = ({ data }: MessageEvent) => take(data);
