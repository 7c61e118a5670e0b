/**
 * The drawing functions of reports, and their style sheet, loaded with the first thing that is drawn.
 * The sheet goes in by the CSSOM, which a content security policy without inline styles allows.
 */
import type * as report from "@etude/papers/report";

let loading: Promise<typeof report> | undefined;

export function reportCode(): Promise<typeof report> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined; // The connection may be there the next time.
    throw error;
  });
  return loading;
}

async function load(): Promise<typeof report> {
  const code = await import("@etude/papers/report");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(code.reportStyles);
  // Before those of the page, which have the last word on colours.
  document.adoptedStyleSheets = [sheet, ...document.adoptedStyleSheets];
  return code;
}
