//! What the browser remembers for this page, where it may.

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(`tidemill-${name}`);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`tidemill-${name}`);
    else localStorage.setItem(`tidemill-${name}`, value);
  } catch {
    // Then it holds for this visit.
  }
}
