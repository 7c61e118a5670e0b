/** How reports look: on a page of their own, on the site and in a terminal. */
export { claimStrip, claimsTable, verdictMark } from "./claims.ts";
export { seriesColours } from "./colours.ts";
export { commandLine } from "./command.ts";
export { drawingDocument } from "./document.ts";
export { type DrawOptions, drawFigure } from "./figure.ts";
export { figureTable } from "./figure-data.ts";
export { type PageOptions, reportBody, reportHtml } from "./html.ts";
export { escapeHtml } from "./markup.ts";
export * from "./numbers.ts";
export {
  dataTable,
  environmentList,
  figureHtml,
  filesTable,
  findingsList,
  inputsList,
  optionsList,
  pictureHtml,
  timingsTable,
} from "./pieces.ts";
export { reportStyles } from "./styles.ts";
export { claimStripText, claimsText, figureText, type TextOptions, tableText } from "./terminal.ts";
export { oneLine } from "./text.ts";
export { verdictSign, verdictsInWords } from "./verdicts.ts";
