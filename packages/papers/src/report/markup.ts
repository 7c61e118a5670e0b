/** HTML as text, escaped unless said otherwise. */

/** Text that is already HTML. */
export interface Markup {
  readonly markup: string;
}

/** Marks strings as HTML that our own functions made. */
export const safe = (...parts: readonly (string | readonly string[])[]): Markup => ({
  markup: parts.flat().join(""),
});

type Value = string | number | Markup | false | undefined;

/**
 * A template whose values are escaped for text and for quoted attributes. What is HTML must be
 * marked with `safe`; `false` and `undefined` are nothing.
 *
 * @example
 * html`<p title="${title}">${name} ${safe(table)}</p>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): string {
  return String.raw({ raw: strings }, ...values.map(written));
}

function written(value: Value): string {
  if (value === false || value === undefined) return "";
  return typeof value === "object" ? value.markup : escapeHtml(`${value}`);
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character]);
