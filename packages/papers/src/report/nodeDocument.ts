/** The document to draw in, in Node: one made for it, loaded with the first drawing. */
export async function drawingDocument(): Promise<Document> {
  const { parseHTML } = await import("linkedom");
  return parseHTML("<!doctype html><html><body></body></html>").document;
}
