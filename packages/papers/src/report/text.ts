/** Text in a given room: how wide it is, where it breaks. */

/** Letters, marks and signs as a reader counts them: accents and joined emoji are one. */
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

const wide =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;
const invisible = /^[\p{Mark}\p{Cf}]+$/u;

/** Columns of a terminal that a text takes. */
export function textColumns(text: string): number {
  // Letters of Latin, signs, lines and Braille, of one column each: nearly all there is.
  if (
    /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u202f\u2070-\u22ff\u2500-\u259f\u2800-\u28ff]*$/.test(
      text,
    )
  )
    return text.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(text)) columns += columnsOf(segment);
  return columns;
}

const columnsOf = (segment: string): number =>
  invisible.test(segment) ? 0 : wide.test(segment) ? 2 : 1;

/**
 * Width in pixels of a text in the usual interface fonts, within about a tenth: enough for margins,
 * and the same in Node, where nothing can be measured.
 */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (invisible.test(segment)) continue;
    if (wide.test(segment)) ems += 1;
    else if (/[ijl.,:;'|![\]()\u2009\u202f ]/.test(segment)) ems += 0.34;
    else if (/[mwMW%@—]/.test(segment)) ems += 0.92;
    else if (/[A-Z]/.test(segment)) ems += 0.69;
    else ems += 0.6;
  }
  return ems * size;
}

/**
 * The lines of a text broken at spaces so that none is wider than `width`; words that are wider
 * themselves are broken inside. Always at least one line.
 */
export function wrapText(
  text: string,
  width: number,
  measure: (text: string) => number = textColumns,
): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (measure(longer) <= width) {
        line = longer;
        continue;
      }
      if (line !== "") lines.push(line);
      line = word;
      while (measure(line) > width) {
        const [head, rest] = splitAt(line, width, measure);
        if (rest === "") break;
        lines.push(head);
        line = rest;
      }
    }
    lines.push(line);
  }
  return lines;
}

/** As much of a text as fits, at least one letter, and the rest. */
function splitAt(
  text: string,
  width: number,
  measure: (text: string) => number,
): [head: string, rest: string] {
  let head = "";
  for (const { segment } of graphemes.segment(text)) {
    if (head !== "" && measure(head + segment) > width) break;
    head += segment;
  }
  return [head, text.slice(head.length)];
}

/** A text cut to a width, ending in … where something is missing. */
export function shorten(
  text: string,
  width: number,
  measure: (text: string) => number = textColumns,
): string {
  if (measure(text) <= width) return text;
  const [head] = splitAt(text, width - measure("…"), measure);
  return measure(head) + measure("…") > width ? "…" : `${head.trimEnd()}…`;
}

/**
 * A text from somebody's report as one line that a terminal may show: without control characters,
 * which could move the cursor or rename the window, and without marks that reverse its direction.
 */
export const oneLine = (text: string): string =>
  text
    .replace(/[\t\r\n\u2028\u2029]+/g, " ")
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
