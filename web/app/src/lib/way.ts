//! How cleaned rows reach the person's disk.

export type Way = 'disk' | 'opfs' | 'blob';

/** What is put together in memory may have this many bytes: more than that, browsers refuse or fail. */
export const BLOB = 2e9;

interface Picker {
  showSaveFilePicker?(options: { suggestedName: string; types: unknown[] }): Promise<FileSystemFileHandle>;
}

export const canPick = (): boolean => typeof (window as Picker).showSaveFilePicker === 'function';

/** `room` is that of the browser's own storage, if it has any. */
export function wayFor(size: number, pick: boolean, room: number | undefined): Way {
  if (pick) return 'disk';
  // Rows may get longer, by quotes for instance.
  if (room !== undefined && room > size * 1.1) return 'opfs';
  return 'blob';
}

/** The file that the person chose; nothing if they chose none. */
export async function pick(name: string): Promise<FileSystemFileHandle | undefined> {
  const type = name.endsWith('.tsv') ? { 'text/tab-separated-values': ['.tsv'] } : { 'text/csv': ['.csv'] };
  try {
    return await (window as Picker).showSaveFilePicker?.({ suggestedName: name, types: [{ accept: type }] });
  } catch (error) {
    if ((error as DOMException).name === 'AbortError') return undefined;
    throw error;
  }
}

/** Hands a file to the browser's downloads. */
export function download(content: Blob | string, name: string, type = 'text/plain'): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has its own hold on the bytes once it has begun.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
