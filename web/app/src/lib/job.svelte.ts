//! A job under way: how far it is, and the way to stop it.
import type { Progress } from 'tidemill';
import { Rate, share } from './rate.ts';

export class Job {
  told: Progress | undefined = $state.raw();
  stopping: boolean = $state(false);
  speed: number | undefined = $state();
  left: number | undefined = $state();
  private readonly rate = new Rate();
  private readonly stop = new AbortController();

  constructor(readonly kind: 'profile' | 'run', readonly total: number) {}

  get share(): number {
    return (this.told && share(this.told)) ?? 0;
  }

  get signal(): AbortSignal {
    return this.stop.signal;
  }

  readonly tell = (progress: Progress): void => {
    this.rate.tell(progress, performance.now() / 1000);
    this.told = progress;
    this.speed = this.rate.speed;
    this.left = this.rate.left(progress);
  };

  cancel(): void {
    this.stopping = true;
    this.stop.abort();
  }
}
