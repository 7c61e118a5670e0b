/** HTML in which everything is escaped unless it was written here. */

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** HTML that is safe to put into other HTML; made by `html` alone. */
export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Value = string | number | URL | Markup | readonly Markup[];

/**
 * Builds HTML from a template. Values are escaped, in text and in quoted attributes alike; nested
 * markup is taken as it is.
 *
 * @example
 * html`<p title="${title}">${title}</p>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.reduce((made, part, i) => made + render(values[i - 1]) + part));
}

function render(value: Value): string {
  if (value instanceof Markup) return value.source;
  if (Array.isArray(value)) return value.map(render).join("");
  return String(value).replace(/[&<>"']/g, (character) => entities[character]);
}
