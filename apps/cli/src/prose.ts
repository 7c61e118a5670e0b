/** Sentences on a screen: wrapped, indented, under headings. */
import { oneLine, wrapText } from "@etude/papers/report/text";
import type { Paint } from "./terminal.ts";

/** Lines longer than this are hard to read, however wide the screen. */
const widest = 96;

export interface Page {
  readonly columns: number;
  readonly paint: Paint;
}

/** A text in lines that fit, each after the indent; the first after `first`. */
export function paragraph(
  text: string,
  { columns }: Page,
  { indent = "", first = indent }: { indent?: string; first?: string } = {},
): string {
  const width = Math.max(20, Math.min(columns, widest) - indent.length);
  return wrapText(oneLine(text), width)
    .map((line, i) => `${i === 0 ? first : indent}${line}`.trimEnd())
    .join("\n");
}

/** A name and what there is to say of it, the text beside the name. */
export function entry(name: string, text: string, page: Page, nameWidth = 12): string {
  const first = page.paint("bold", `${name.padEnd(nameWidth - 1)} `);
  return paragraph(text, page, { indent: " ".repeat(nameWidth), first });
}

export const heading = (text: string, { paint }: Page): string => paint("bold", text);
