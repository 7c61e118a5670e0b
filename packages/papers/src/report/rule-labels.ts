/** The names of levels and places beside the lines that mark them. */
import { fontSize, type Layout } from "./axes.ts";
import { svgElement } from "./elements.ts";
import type { Placement } from "./placement.ts";
import { textWidth } from "./text.ts";

/** Keeps words readable where something runs behind them. */
const halo = {
  stroke: "var(--etude-paper, Canvas)",
  "stroke-width": 4,
  "stroke-linejoin": "round",
  "paint-order": "stroke",
};

/**
 * A place on the x axis has its name above the frame; a level has it above or below its line, at
 * either end, where it covers the fewest points.
 */
export function ruleLabels(
  document: Document,
  placement: Placement,
  layout: Layout,
  toX: (x: number) => number,
  toY: (y: number) => number,
): SVGElement[] {
  if (!placement.drawable) return [];
  const { left, right, top, width } = layout;
  const points = drawnPoints(placement, toX, toY);
  return placement.marks.flatMap((mark) => {
    if (mark.type !== "rule" || mark.label === "") return [];
    const room = textWidth(mark.label, fontSize);
    if (mark.y !== undefined && Number.isFinite(mark.y)) {
      const level = toY(mark.y);
      const places = [level - 5, level + 14].flatMap((y) => [
        { x: width - right - 3, y, "text-anchor": "end" },
        { x: left + 3, y, "text-anchor": "start" },
      ]);
      const inside = places.filter(({ y }) => y > top + 8 && y < layout.height - layout.bottom);
      const covered = (place: (typeof places)[number]) => {
        const from = place["text-anchor"] === "end" ? place.x - room : place.x;
        return points.filter(
          ([x, y]) => x > from - 4 && x < from + room + 4 && y > place.y - 14 && y < place.y + 4,
        ).length;
      };
      const [best] = (inside.length > 0 ? inside : places).sort((a, b) => covered(a) - covered(b));
      return [svgElement(document, "text", { ...best, ...halo }, [mark.label])];
    }
    if (mark.x === undefined || !Number.isFinite(mark.x)) return [];
    const half = room / 2;
    const x = Math.max(half, Math.min(width - half, toX(mark.x)));
    return [svgElement(document, "text", { x: Math.round(x), y: top - 5 }, [mark.label])];
  });
}

/** What a label might cover, in pixels. */
function drawnPoints(
  { marks, base }: Placement,
  toX: (x: number) => number,
  toY: (y: number) => number,
): (readonly [number, number])[] {
  return marks.flatMap((mark): (readonly [number, number])[] => {
    if (mark.type === "rule" || mark.type === "heatmap") return [];
    if (mark.type === "bars") {
      return mark.y.flatMap((y, i) =>
        along(toX((mark.left[i] + mark.right[i]) / 2), toY(base), toY(y)),
      );
    }
    if ("low" in mark)
      return mark.x.flatMap((x, i) => along(toX(x), toY(mark.low[i]), toY(mark.high[i])));
    return mark.x.map((x, i) => [toX(x), toY(mark.y[i])] as const);
  });
}

/** A few points on a vertical stretch. */
const along = (x: number, from: number, to: number): (readonly [number, number])[] =>
  [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => [x, from + share * (to - from)] as const);
