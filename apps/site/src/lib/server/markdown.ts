/** Our own texts as HTML: formulas as MathML, code with classes, nothing that a strict policy forbids. */
import katex from "katex";
import { Marked, type TokenizerAndRendererExtension } from "marked";
import { highlighted } from "./highlight.ts";

const math = (source: string, displayMode: boolean): string =>
  katex.renderToString(source, { displayMode, output: "mathml", throwOnError: true });

const displayed: TokenizerAndRendererExtension = {
  name: "displayedMath",
  level: "block",
  start: (source) => source.indexOf("$$"),
  tokenizer(source) {
    const found = /^\$\$([\s\S]+?)\$\$(?:\n|$)/.exec(source);
    return found ? { type: "displayedMath", raw: found[0], formula: found[1].trim() } : undefined;
  },
  renderer: ({ formula }) => `<div class="formula">${math(formula, true)}</div>\n`,
};

const inline: TokenizerAndRendererExtension = {
  name: "inlineMath",
  level: "inline",
  start: (source) => source.indexOf("$"),
  tokenizer(source) {
    const found = /^\$([^$\n]+?)\$/.exec(source);
    return found ? { type: "inlineMath", raw: found[0], formula: found[1] } : undefined;
  },
  renderer: ({ formula }) => math(formula, false),
};

/** @throws ParseError for a formula that is none */
export async function rendered(text: string): Promise<string> {
  const marked = new Marked({
    async: true,
    gfm: true,
    extensions: [displayed, inline],
    async walkTokens(token) {
      if (token.type === "code") token.text = await highlighted(token.text, token.lang ?? "text");
    },
    renderer: {
      code: ({ text: html }) => `<pre><code>${html}</code></pre>\n`,
      // Our texts hold no HTML; whatever looks like it is text.
      html: ({ text: html }) => html.replaceAll("&", "&amp;").replaceAll("<", "&lt;"),
    },
  });
  return marked.parse(text);
}
