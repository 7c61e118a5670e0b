/** Code with a class for each kind of token; the colours are in the style sheet. */
import { bundledLanguages, createCssVariablesTheme, createHighlighter } from "shiki";

const prefix = "token-";
const theme = createCssVariablesTheme({ name: "classes", variablePrefix: `--${prefix}` });

let loading: ReturnType<typeof createHighlighter> | undefined;
const languages = ["typescript", "shellscript", "json"] as const;

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const escaped = (text: string): string => text.replace(/[&<>]/g, (each) => entities[each]);

const names: Readonly<Record<string, (typeof languages)[number]>> = {
  ts: "typescript",
  typescript: "typescript",
  sh: "shellscript",
  json: "json",
};

/** HTML for the inside of a `<code>`. A language that is not known is shown plain. */
export async function highlighted(code: string, language: string): Promise<string> {
  const lang = names[language];
  if (lang === undefined || !(lang in bundledLanguages)) return escaped(code);
  loading ??= createHighlighter({ themes: [theme], langs: [...languages] });
  const { tokens } = (await loading).codeToTokens(code, { lang, theme: "classes" });
  return tokens
    .map((line) =>
      line
        .map(({ content, color = "" }) => {
          const kind = new RegExp(`--${prefix}(?:token-)?([a-z-]+)`).exec(color)?.[1];
          return kind === undefined || kind === "foreground"
            ? escaped(content)
            : `<span class="${prefix}${kind}">${escaped(content)}</span>`;
        })
        .join(""),
    )
    .join("\n");
}
