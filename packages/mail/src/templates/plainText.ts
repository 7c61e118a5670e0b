/** Plain text of mails: lines of at most 72 characters, as RFC 3676 4.2 and old habits advise. */

const width = 72;
const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * Breaks text at spaces. Addresses of pages are never broken; any other word that is longer than a
 * line is.
 *
 * @param indent stands before every line and counts to its length
 */
export function wrap(text: string, indent = ""): string {
  const room = width - indent.length;
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((word) => pieces(word, room))) {
    if (line !== "" && line.length + 1 + word.length > room) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  lines.push(line);
  return lines.map((each) => indent + each).join("\n");
}

function pieces(word: string, room: number): string[] {
  if (word.length <= room || /^https?:\/\//.test(word)) return [word];
  const cut = [""];
  for (const { segment } of graphemes.segment(word)) {
    const last = cut.length - 1;
    if (cut[last].length + segment.length <= room) cut[last] += segment;
    else cut.push(segment);
  }
  return cut;
}

/** Paragraphs with an empty line between them. */
export const paragraphs = (...parts: readonly string[]): string => `${parts.join("\n\n")}\n`;

/** Who writes, as the first line. */
export const named = (site: URL): string => `Etude, ${site}`;

/** Between content and foot. Not the "-- " before a signature, which readers may hide. */
export const rule = "-".repeat(24);
