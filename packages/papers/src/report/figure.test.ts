import { describe, expect, it } from "vitest";
import type { Figure, Mark } from "../contract/figure.ts";
import { drawingDocument } from "./document.ts";
import { drawFigure } from "./figure.ts";
import { figureTable } from "./figure-data.ts";
import { spreadOut } from "./labels.ts";
import { placeFigure } from "./placement.ts";
import { figureText } from "./terminal.ts";
import {
  barsFigure,
  figures,
  gapFigure,
  lossFigure,
  manySeriesFigure,
} from "./testing/fixtures.ts";
import { oddFigures } from "./testing/odd-figures.ts";

const document = await drawingDocument();
const draw = (figure: Figure, width = 640) => drawFigure(figure, { document, width });
const figureOf = (marks: readonly Mark[], scale?: "linear" | "log" | "band"): Figure => ({
  id: "figure",
  title: "A title",
  caption: "A caption",
  x: { label: "x", scale },
  y: { label: "y" },
  marks,
});

describe("a drawn figure", () => {
  it("shows every mark", () => {
    const x = [1, 2, 3];
    const shapes: readonly (readonly [Mark, string])[] = [
      [{ type: "line", x, y: [1, 3, 2] }, "g[stroke-linejoin=round] path"],
      [{ type: "dots", x, y: [1, 3, 2] }, "circle"],
      [{ type: "bars", x, y: [1, 3, 2] }, "g[fill^='var'] rect"],
      [{ type: "band", x, low: [0, 1, 1], high: [2, 4, 3] }, "g[fill-opacity] path"],
      [{ type: "intervals", x, low: [0, 1, 1], high: [2, 4, 3] }, "g[stroke-linecap] line"],
      [{ type: "rule", y: 2 }, "g[stroke-dasharray] line"],
      [{ type: "rule", x: 2 }, "g[stroke-dasharray] line"],
      [
        {
          type: "heatmap",
          values: [
            [1, 2],
            [3, 4],
          ],
        },
        "g[shape-rendering] path",
      ],
    ];
    for (const [mark, selector] of shapes) {
      const found = (drawn: Figure) => draw(drawn).querySelectorAll(`svg[role=img] ${selector}`);
      expect(found(figureOf([mark])).length, mark.type).toBeGreaterThan(0);
      expect(found(figureOf([{ type: "rule" }])).length, selector).toBe(0);
    }
  });

  it("says in words what it shows", () => {
    const svg = draw(lossFigure).querySelector("svg[role=img]");
    expect(svg?.getAttribute("aria-label")).toBe(`${lossFigure.title}. ${lossFigure.caption}`);
    const figure = draw(barsFigure);
    expect(figure.querySelector("details th")?.textContent).toBe("table");
    expect(figure.querySelector("details td + td")?.textContent).toMatch(
      /^0\.\d+ \[0\.\d+, 0\.\d+\]$/,
    );
  });

  it("leaves a gap where a number is missing", () => {
    const lines = draw(gapFigure).querySelectorAll("g[stroke^='var'] path, path[stroke^='var']");
    const starts = [...lines].map((path) => path.getAttribute("d")?.match(/M/g)?.length ?? 0);
    expect(Math.max(...starts)).toBe(3);
  });

  it("names few lines at their ends and many in a legend", () => {
    expect(draw(lossFigure).querySelector(".etude-legend")).toBeNull();
    expect(draw(lossFigure).querySelector("svg")?.textContent).toContain("Adam, all at once");
    expect(draw(lossFigure, 360).querySelectorAll(".etude-legend li").length).toBe(3);
    expect(draw(manySeriesFigure).querySelectorAll(".etude-legend li").length).toBe(8);
  });

  it("keeps all text and points inside its frame", () => {
    for (const figure of [...figures, ...oddFigures]) {
      for (const width of [350, 640]) {
        const svg = draw(figure, width).querySelector(".etude-plot > svg");
        const [, , right, bottom] = (svg?.getAttribute("viewBox") ?? "").split(" ").map(Number);
        expect(right).toBe(width);
        for (const circle of svg?.querySelectorAll("circle") ?? []) {
          const [x, y] = ["cx", "cy"].map((name) => Number(circle.getAttribute(name)));
          expect(x >= 0 && x <= right && y >= 0 && y <= bottom, figure.id).toBe(true);
        }
        expect(svg?.outerHTML, figure.id).not.toMatch(/NaN|Infinity|undefined/);
      }
    }
  });

  it("uses one colour for a name, whatever the mark", () => {
    const { series, marks } = placeFigure(lossFigure);
    expect(series.map(({ name }) => name)).toEqual([
      "boosted groups",
      "Adam, all at once",
      "SGD with momentum",
    ]);
    expect(marks.map((mark) => ("series" in mark ? mark.series : -1))).toEqual([0, 0, 1, 1, 2, 2]);
  });

  it("stays small with a hundred thousand points, and keeps its peaks", () => {
    const x = Array.from({ length: 100_000 }, (_, i) => i);
    const y = x.map((i) => (i === 51_237 ? 9 : Math.sin(i / 300)));
    const figure = figureOf([
      { type: "line", series: "line", x, y },
      { type: "dots", series: "dots", x, y: y.map((value) => -value) },
    ]);
    const svg = draw(figure).outerHTML;
    expect(svg.length).toBeLessThan(1_000_000);
    const top = Math.min(
      ...[...svg.matchAll(/[ML,\d.]*[ML][\d.]+,([\d.]+)/g)].map((match) => Number(match[1])),
    );
    expect(top).toBeLessThan(60);
  });
});

describe("odd figures", () => {
  it("are drawn or say that there is nothing to draw", () => {
    for (const figure of oddFigures) {
      const { drawable } = placeFigure(figure);
      const element = draw(figure);
      const text = figureText(figure, { width: 60 });
      expect(element.textContent?.includes("nothing to draw"), figure.id).toBe(!drawable);
      expect(text.includes("nothing to draw"), figure.id).toBe(!drawable);
      expect(text, figure.id).not.toMatch(/NaN|Infinity|undefined/);
    }
  });
});

describe("the numbers of a figure", () => {
  it("are one row a place and one column a series, with intervals and levels", () => {
    const table = figureTable(
      figureOf([
        { type: "line", series: "a", x: [2, 1], y: [0.5, Number.NaN] },
        { type: "intervals", series: "a", x: [2], low: [0.4], high: [0.6] },
        { type: "dots", series: "b", x: [2, 2, 3], y: [1, 2, 3] },
        { type: "rule", series: "chance", y: 0.1 },
      ]),
    );
    expect(table.columns).toEqual(["x", "a", "b", "chance"]);
    expect(table.rows).toEqual([
      [1, Number.NaN, null, 0.1],
      [2, "0.50 [0.40, 0.60]", "1; 2", 0.1],
      [3, null, 3, 0.1],
    ]);
  });
});

describe("labels beside lines", () => {
  it("keep their distance, their order and the frame", () => {
    expect(spreadOut([50, 51, 10], 15, 0, 100)).toEqual([50, 65, 10]);
    expect(spreadOut([98, 99, 97], 15, 0, 100)).toEqual([85, 100, 70]);
  });
});
