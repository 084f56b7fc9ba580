//! The one engine of the page. It starts when the page does, so that a file need not wait for it.
import { Tidemill, type Mode, type Reason } from 'tidemill';

interface About {
  mode: Mode;
  reason: Reason;
  threads: number;
}

class Engine {
  about: About | undefined = $state.raw();
  private starting: Promise<Tidemill> | undefined;

  start(): Promise<Tidemill> {
    this.starting ??= Tidemill.start().then(
      (mill) => {
        const { mode, reason, threads } = mill;
        this.about = { mode, reason, threads };
        return mill;
      },
      (error: unknown) => {
        // It may work the next time.
        this.starting = undefined;
        throw error;
      },
    );
    return this.starting;
  }
}

export const engine = new Engine();
