//! How wide a text is, in the letters of the page.

let canvas: CanvasRenderingContext2D | null | undefined;

export function measure(text: string, font: string): number {
  canvas ??= document.createElement('canvas').getContext('2d');
  if (!canvas) return text.length * 8;
  if (canvas.font !== font) canvas.font = font;
  return canvas.measureText(text).width;
}

/** The page's family in a weight and a size. */
export function fontOf(weight: number, size: number): string {
  return `${weight} ${size}px ${getComputedStyle(document.documentElement).fontFamily}`;
}
