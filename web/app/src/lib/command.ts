//! What is typed in a terminal to do the same.

/** A word of a POSIX shell. */
export function quoted(word: string): string {
  if (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) && !word.startsWith('-')) return word;
  const whole = word.startsWith('-') ? `./${word}` : word;
  return `'${whole.replaceAll("'", "'\\''")}'`;
}

export function command(recipe: string, file: string, out: string): string {
  return `tidemill run ${quoted(recipe)} ${quoted(file)} -o ${quoted(out)}`;
}

function stem(name: string): string {
  return name.replace(/\.(csv|tsv|tab|txt|psv|dat)$/i, '') || name;
}

/** The names of what is taken home. */
export function namesFor(file: string, format: unknown): { rows: string; rejects: string; recipe: string; report: string } {
  const base = stem(file);
  const rows = `${base}.clean.${format === 'tsv' ? 'tsv' : 'csv'}`;
  return { rows, rejects: `${rows}.rejects.csv`, recipe: `${base}.recipe.toml`, report: `${base}.report.json` };
}
