/** The document to draw in, in a browser: its own. */
export const drawingDocument = async (): Promise<Document> => document;
