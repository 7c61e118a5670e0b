/** A document to draw in: the browser's own, or one made in Node. */

/**
 * @example
 * const svg = drawFigure(figure, { document: await drawingDocument(), width: 640 }).outerHTML;
 */
export async function drawingDocument(): Promise<Document> {
  if (typeof document !== "undefined") return document;
  // Loaded only here, so that a browser's bundle does not carry a second document.
  const { parseHTML } = await import("linkedom");
  return parseHTML("<!doctype html><html><body></body></html>").document;
}
