//! What a person has opened, searched for and sorted by, whichever view is in front.
import type { Sort } from './cards.ts';

class Shown {
  /** The step whose form is open. */
  step: number | undefined = $state();
  rows: 'changes' | 'before' | 'after' = $state('changes');
  search: string = $state('');
  sort: Sort = $state('position');

  begin(): void {
    this.step = undefined;
    this.rows = 'changes';
    this.search = '';
    this.sort = 'position';
  }
}

export const shown = new Shown();
