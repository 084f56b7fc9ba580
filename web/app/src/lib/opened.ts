//! A file that came with the page: `tidemill open FILE` names it in the address's fragment, and
//! serves it beside the page.

/** The name that an address's fragment gives, if it gives one. */
export function nameIn(hash: string): string | undefined {
  if (!hash.startsWith('#file=')) return undefined;
  try {
    return decodeURIComponent(hash.slice('#file='.length)) || undefined;
  } catch {
    return undefined;
  }
}

/** The file itself; the browser keeps a large one on disk. */
export async function opened(name: string): Promise<File> {
  const answer = await fetch(new URL('file', document.baseURI));
  if (!answer.ok) throw new Error(`${answer.status} ${answer.statusText}`);
  return new File([await answer.blob()], name);
}
