/** Figures as SVG through Observable Plot, the same on the site and in a page written by Node. */
import * as Plot from "@observablehq/plot";
import type { Figure } from "../contract/figure.ts";
import { axisMarks, fontSize, type Layout, layoutOf } from "./axes.ts";
import { htmlElement, svgElement } from "./elements.ts";
import { figureTable } from "./figure-data.ts";
import { averagedNote, colourKey } from "./heatmap.ts";
import { directLabelRoom, directLabels, legend } from "./labels.ts";
import { plotMarks } from "./marks.ts";
import { type Placement, placeFigure } from "./placement.ts";
import { ruleLabels } from "./rule-labels.ts";
import type { Scale } from "./scale.ts";
import { formatTableCells } from "./table-cells.ts";

export interface DrawOptions {
  /** The browser's own, or one made in Node: see `drawingDocument`. */
  readonly document: Document;
  /** In pixels; several widths draw the figure as often, and the style sheet shows what fits. */
  readonly width: number | readonly number[];
  /** Colours of text and ground to set; by default those of the page around the figure. */
  readonly theme?: "light" | "dark";
}

/**
 * A figure as an element `<figure>`: title and caption, a legend where names are not beside their
 * lines, the plot as SVG, and its numbers as a table that can be opened. Its look needs
 * `reportStyles` on the page; the SVG alone needs nothing.
 *
 * Never throws: figures without points say so, numbers that are not finite are gaps.
 *
 * @example
 * container.append(drawFigure(figure, { document, width: container.clientWidth }));
 */
export function drawFigure(figure: Figure, { document, width, theme }: DrawOptions): HTMLElement {
  const placement = placeFigure(figure);
  const widths = typeof width === "number" ? [width] : [...width].sort((a, b) => b - a);
  const plots = widths.map((each, index) => {
    const class_ = index === 0 ? "etude-plot" : "etude-plot etude-narrow";
    return htmlElement(
      document,
      "div",
      { class: class_ },
      drawPlot(figure, placement, document, each),
    );
  });
  const caption = htmlElement(document, "figcaption", {}, [
    htmlElement(document, "strong", {}, [figure.title]),
    ...(figure.caption ? [" ", htmlElement(document, "span", {}, [figure.caption])] : []),
  ]);
  const class_ = `etude-figure${widths.length > 1 ? " etude-fluid" : ""}${theme ? ` etude-${theme}` : ""}`;
  return htmlElement(document, "figure", { class: class_, id: `figure-${figure.id}` }, [
    caption,
    ...plots,
    ...(placement.drawable ? [numbers(figure, document)] : []),
  ]);
}

/** The legend, if one is needed, and the SVG. */
function drawPlot(
  figure: Figure,
  placement: Placement,
  document: Document,
  width: number,
): Element[] {
  const labelRoom = directLabelRoom(placement, width);
  const layout = layoutOf(figure, placement, Math.max(160, Math.round(width)), labelRoom);
  const { left, right, top, bottom, height } = layout;
  const inner = { width: layout.width - left - right, height: height - top - bottom };
  const plot = Plot.plot({
    document,
    width: layout.width,
    height,
    marginLeft: left,
    marginRight: right,
    marginTop: top,
    marginBottom: bottom,
    x: scaleOptions(placement.x, false),
    y: scaleOptions(placement.y, placement.y.kind === "band"),
    marks: [
      ...axisMarks(layout, placement),
      ...(placement.drawable ? plotMarks(placement, inner.width, inner.height) : []),
    ],
  });
  const drawing = plot as unknown as SVGElement;
  const toY = plot.scale("y")?.apply ?? (() => 0);
  const toX = plot.scale("x")?.apply ?? (() => 0);
  const texts = [
    ...axisLabels(document, layout),
    ...ruleLabels(document, placement, layout, toX, toY),
    ...(labelRoom > 0
      ? directLabels(document, placement, layout.width - right, [top + 4, height - bottom], toY)
      : []),
    ...(placement.drawable ? [] : [nothing(document, layout)]),
  ];
  for (const text of texts) drawing.appendChild(text);
  finish(drawing, figure);
  const keys = labelRoom > 0 ? undefined : legend(document, placement.series);
  const heat = heatKey(document, placement);
  return [...(keys ? [keys] : []), ...(heat ?? []), drawing];
}

const scaleOptions = ({ kind, low, high }: Scale, downwards: boolean): Plot.ScaleOptions => ({
  type: kind === "log" ? "log" : "linear",
  domain: downwards ? [high, low] : [low, high],
  axis: null,
});

/** Rounds coordinates, which halves the page, and drops Plot's own style sheet. */
function finish(drawing: SVGElement, figure: Figure): void {
  for (const style of drawing.querySelectorAll("style")) style.remove();
  for (const name of ["class", "font-family"]) drawing.removeAttribute(name);
  drawing.setAttribute("font-size", `${fontSize}`);
  drawing.setAttribute("role", "img");
  const { title, caption } = figure;
  drawing.setAttribute("aria-label", caption ? `${title}. ${caption}` : title);
  for (const element of drawing.querySelectorAll("*")) {
    element.removeAttribute("aria-label");
    for (const name of [
      "d",
      "transform",
      "cx",
      "cy",
      "r",
      "x",
      "y",
      "x1",
      "x2",
      "y1",
      "y2",
      "width",
      "height",
    ]) {
      const value = element.getAttribute(name);
      if (value?.includes(".")) element.setAttribute(name, rounded(value));
    }
  }
}

const rounded = (coordinates: string): string =>
  coordinates.replace(
    /-?\d*\.\d{2,}(e-?\d+)?/g,
    (number) => `${Math.round(Number(number) * 10) / 10}`,
  );

function axisLabels(
  document: Document,
  { xLabel, yLabel, left, right, width, height }: Layout,
): SVGElement[] {
  const centre = (left + width - right) / 2;
  return [
    ...xLabel.map((line, index) =>
      svgElement(
        document,
        "text",
        { x: centre, y: height - 6 - (xLabel.length - 1 - index) * 15 },
        [line],
      ),
    ),
    ...yLabel.map((line, index) =>
      svgElement(document, "text", { x: 2, y: 11 + index * 15, "text-anchor": "start" }, [line]),
    ),
  ];
}

const nothing = (document: Document, { width, height, left, right }: Layout): SVGElement =>
  svgElement(
    document,
    "text",
    { x: (left + width - right) / 2, y: height / 2, "fill-opacity": 0.7 },
    ["nothing to draw: no finite numbers"],
  );

function heatKey(document: Document, { marks }: Placement): HTMLElement[] | undefined {
  const heatmap = marks.find((mark) => mark.type === "heatmap");
  if (heatmap === undefined || !heatmap.values.some((row) => row.some(Number.isFinite)))
    return undefined;
  const { strip, low, high } = colourKey(document, heatmap.values);
  const note = averagedNote(heatmap.values);
  return [
    htmlElement(document, "p", { class: "etude-key" }, [
      low,
      strip,
      high,
      ...(note ? [htmlElement(document, "small", {}, [note])] : []),
    ]),
  ];
}

/** The figure's numbers, closed until somebody wants them. */
function numbers(figure: Figure, document: Document): HTMLElement {
  const table = figureTable(figure);
  const { cells, numeric } = formatTableCells(table);
  const align = (column: number) => ({ class: numeric[column] ? "etude-number" : undefined });
  const head = htmlElement(
    document,
    "tr",
    {},
    table.columns.map((name, column) =>
      htmlElement(document, "th", { scope: "col", ...align(column) }, [name]),
    ),
  );
  const body = cells.map((row) =>
    htmlElement(
      document,
      "tr",
      {},
      row.map((cell, column) => htmlElement(document, "td", align(column), [cell])),
    ),
  );
  return htmlElement(document, "details", {}, [
    htmlElement(document, "summary", {}, ["Numbers"]),
    ...(table.caption ? [htmlElement(document, "p", {}, [table.caption])] : []),
    htmlElement(
      document,
      "div",
      {
        class: "etude-scroll",
        tabindex: 0,
        role: "region",
        "aria-label": `${figure.title}: numbers`,
      },
      [
        htmlElement(document, "table", {}, [
          htmlElement(document, "thead", {}, [head]),
          htmlElement(document, "tbody", {}, body),
        ]),
      ],
    ),
  ]);
}
