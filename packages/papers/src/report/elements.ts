/** Elements of a document, a browser's or another's, as plain calls. */

export type Attributes = Readonly<Record<string, string | number | undefined>>;
export type Child = Node | string;

function build<E extends Element>(
  element: E,
  attributes: Attributes,
  children: readonly Child[],
): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(name, `${value}`);
  }
  const { ownerDocument } = element;
  for (const child of children)
    element.appendChild(typeof child === "string" ? ownerDocument.createTextNode(child) : child);
  return element;
}

export const htmlElement = (
  document: Document,
  name: string,
  attributes: Attributes = {},
  children: readonly Child[] = [],
): HTMLElement => build(document.createElement(name), attributes, children);

export const svgElement = (
  document: Document,
  name: string,
  attributes: Attributes = {},
  children: readonly Child[] = [],
): SVGElement =>
  build(
    document.createElementNS("http://www.w3.org/2000/svg", name) as SVGElement,
    attributes,
    children,
  );
