/**
 * A document to draw in: the browser's own, or one made in Node. Which of them is decided where the
 * package is resolved, so that a browser's bundle does not carry a second document.
 *
 * @example
 * const svg = drawFigure(figure, { document: await drawingDocument(), width: 640 }).outerHTML;
 */
export { drawingDocument } from "#drawingDocument";
