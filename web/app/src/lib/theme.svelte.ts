//! Light, dark, or as the system says.
import { keep, kept } from './kept.ts';

export type Theme = 'auto' | 'light' | 'dark';

class Look {
  theme: Theme = $state('auto');

  begin(): void {
    const chosen = kept('theme');
    this.wear(chosen === 'light' || chosen === 'dark' ? chosen : 'auto');
  }

  wear(theme: Theme): void {
    this.theme = theme;
    keep('theme', theme === 'auto' ? null : theme);
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
  }
}

export const look = new Look();
