/**
 * The frame of every mail. Readers of mail differ: styles stand inline, in light colours, and a style
 * sheet turns them dark where readers know `prefers-color-scheme`. No tables, images or scripts.
 */
import { html, Markup } from "./markup.ts";

/** What a template makes. The two bodies say the same. */
export interface Rendered {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

const serif = "Charter,'Bitstream Charter','Iowan Old Style',Georgia,serif";
const sans = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

/** [light, dark] of each colour, those of the site. */
const colours = {
  page: ["#fcfbf8", "#16171a"],
  text: ["#1d1c1a", "#e8e6e1"],
  muted: ["#66625a", "#a09c94"],
  line: ["#dedad0", "#34363d"],
  accent: ["#1f4e8c", "#8db7f0"],
  accentText: ["#ffffff", "#10151d"],
  good: ["#1c6b3c", "#74c996"],
} as const;

const light = (name: keyof typeof colours): string => colours[name][0];
const dark = (name: keyof typeof colours): string => colours[name][1];

/** Inline styles, each beside the class that turns it dark. */
export const styles = {
  name: `margin:0 0 18px;font:700 17px/1.2 ${serif}`,
  heading: `margin:0 0 8px;font:600 22px/1.25 ${serif};color:${light("text")}`,
  paragraph: `margin:0 0 16px;font:16px/1.55 ${serif};color:${light("text")}`,
  title: `margin:0;font:600 19px/1.3 ${serif}`,
  titleLink: `color:${light("accent")};text-decoration:none`,
  nameLink: `color:${light("muted")};text-decoration:none`,
  meta: `margin:4px 0 0;font:14px/1.5 ${sans};color:${light("muted")}`,
  summary: `margin:8px 0 0;font:16px/1.55 ${serif};color:${light("text")}`,
  run: `margin:8px 0 0;font:14px/1.5 ${sans}`,
  runLink: `color:${light("good")};font-weight:600`,
  link: `color:${light("accent")}`,
  item: `padding:20px 0;border-top:1px solid ${light("line")}`,
  button: [
    "display:inline-block;padding:11px 20px;border-radius:6px;text-decoration:none",
    `font:600 16px/1.25 ${sans};color:${light("accentText")};background-color:${light("accent")}`,
  ].join(";"),
} as const;

const body = [
  "margin:0;padding:0;overflow-wrap:anywhere;word-break:break-word",
  `-webkit-text-size-adjust:100%;background-color:${light("page")};color:${light("text")}`,
].join(";");
const column = "max-width:600px;margin:0 auto;padding:24px 18px 32px";
const footer = [
  `margin:8px 0 0;padding:16px 0 0;border-top:1px solid ${light("line")}`,
  `font:13px/1.6 ${sans};color:${light("muted")}`,
].join(";");

const darkSheet = new Markup(`
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (prefers-color-scheme: dark) {
  .page { background-color: ${dark("page")} !important; color: ${dark("text")} !important; }
  .text { color: ${dark("text")} !important; }
  .muted { color: ${dark("muted")} !important; }
  .line { border-color: ${dark("line")} !important; }
  .link { color: ${dark("accent")} !important; }
  .good { color: ${dark("good")} !important; }
  .button { background-color: ${dark("accent")} !important; color: ${dark("accentText")} !important; }
}
`);

/** A whole document around the content, with what stands at its foot. */
export function page(site: URL, title: string, content: Markup, foot: Markup): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>${title}</title>
<style>${darkSheet}</style>
</head>
<body class="page" style="${body}">
<div style="${column}">
<p style="${styles.name}"><a class="muted" style="${styles.nameLink}" href="${site}">Etude</a></p>
${content}
<div class="muted line" style="${footer}">
${foot}
</div>
</div>
</body>
</html>
`.source;
}

/** A button that is a link. */
export const button = (url: URL, words: string): Markup =>
  html`<p style="margin:20px 0 24px"><a class="button" style="${styles.button}" href="${url}">${words}</a></p>`;
