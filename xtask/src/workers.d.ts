export interface PoolBuilder {
  numThreads(): number;
  receiver(): number;
  build(): void;
}

export type Starter = (module: WebAssembly.Module, memory: WebAssembly.Memory, builder: PoolBuilder) => Promise<void>;

export function useStarter(starter: Starter): void;
export const startWorkers: Starter;
