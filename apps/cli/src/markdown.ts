/** The README of a paper's folder as text for a screen. */
import { type Page, paragraph } from "./prose.ts";

/**
 * Renders the parts of Markdown that the READMEs use: headings, paragraphs, lists, quotations, code,
 * tables (left as they are written), links, emphasis.
 */
export function renderMarkdown(source: string, page: Page): string {
  const out: string[] = [];
  let code = false;
  let gathered: string[] = [];
  const flush = () => {
    if (gathered.length > 0) out.push(block(gathered, page));
    gathered = [];
  };
  for (const line of source.split(/\r?\n/)) {
    if (/^\s*```/.test(line)) {
      flush();
      code = !code;
    } else if (code) {
      out.push(`    ${line}`.trimEnd());
    } else if (/^\s*$/.test(line)) {
      flush();
      if (out.at(-1) !== "") out.push("");
    } else if (/^#{1,6} /.test(line)) {
      flush();
      const [, marks, title] = /^(#+)\s+(.*?)\s*#*$/.exec(line) ?? [];
      out.push(page.paint(marks.length < 3 ? ["bold", "underline"] : "bold", inline(title, page)));
    } else if (/^\s*\|/.test(line)) {
      flush();
      if (!/^[\s|:-]+$/.test(line)) out.push(inline(line.trim(), page));
    } else {
      if (startsBlock(line)) flush();
      gathered.push(line);
    }
  }
  flush();
  return out.join("\n").trim();
}

const listMark = /^(\s*)([-*+]|\d+[.)])\s+/;
const startsBlock = (line: string): boolean => listMark.test(line) || line.startsWith(">");

/** A paragraph, an item of a list or a quotation, its lines joined and broken anew. */
function block(lines: readonly string[], page: Page): string {
  const text = lines.map((line) => line.trim().replace(/^>\s?/, "")).join(" ");
  const [mark, space, sign] = listMark.exec(lines[0]) ?? [];
  if (mark !== undefined) {
    const bullet = /\d/.test(sign) ? sign : "•";
    const indent = " ".repeat(space.length + bullet.length + 1);
    const first = `${space}${bullet} `;
    return wrapped(text.slice(mark.trim().length + 1), page, indent, first);
  }
  if (lines[0].startsWith(">")) return wrapped(text, page, "  │ ", "  │ ");
  return wrapped(text, page, "", "");
}

/** Marks count as letters while breaking, so that colours cannot be cut apart: painted afterwards. */
function wrapped(text: string, page: Page, indent: string, first: string): string {
  return inline(paragraph(plainLinks(text), page, { indent, first }), page);
}

const plainLinks = (text: string): string =>
  text.replace(/!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)/g, (_, label: string, address: string) =>
    /^https?:/.test(address) && address !== label ? `${label} (${address})` : label,
  );

function inline(text: string, { paint }: Page): string {
  return plainLinks(text)
    .replace(/\*\*([^*]+)\*\*/g, (_, strong: string) => paint("bold", strong))
    .replace(/(?<![\w*])([*_])(?=\S)([^*_\n]+)(?<=\S)\1(?![\w*])/g, (_, __, word: string) =>
      paint("italic", word),
    )
    .replace(/`([^`\n]+)`/g, (_, code: string) => paint("cyan", code));
}
