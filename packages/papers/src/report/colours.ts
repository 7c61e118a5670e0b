/**
 * One palette for paper, screen and terminal. The six colours keep a contrast of at least 3 to 1
 * against white and against the dark page, and are told apart with each of the three kinds of colour
 * blindness (simulated after Machado, Oliveira and Fernandes 2009; least difference 11 in CIELAB,
 * between the second and the fifth for the rarest kind). A page may set `--etude-series-1` to `-6`.
 */
export const seriesColours: readonly string[] = [
  "#1e78b4",
  "#d25a00",
  "#0a9f96",
  "#8468f0",
  "#d6246e",
  "#a0603c",
];

/** The colour of the i-th series as CSS; after the sixth they start again, dashed. */
export function seriesColour(index: number): string {
  if (index < 0) return "currentColor";
  const slot = index % seriesColours.length;
  return `var(--etude-series-${slot + 1}, ${seriesColours[slot]})`;
}

/** Dashes tell the second round of colours from the first. */
export const seriesDashes = (index: number): string | undefined =>
  index < seriesColours.length ? undefined : index < 2 * seriesColours.length ? "5 3" : "1 3";

export const seriesSymbol = (
  index: number,
): "circle" | "triangle" | "square" | "diamond" | "cross" | "star" =>
  (["circle", "triangle", "square", "diamond", "cross", "star"] as const)[Math.max(0, index) % 6];

type Colour = readonly [red: number, green: number, blue: number];

/** Dark blue over grey to yellow: lightness rises evenly, and red-green blindness changes little. */
const sequential: readonly Colour[] = [
  [0, 32, 77],
  [49, 68, 107],
  [102, 105, 112],
  [149, 143, 120],
  [202, 186, 106],
  [255, 234, 70],
];

/** Blue below the middle, orange above it. */
const diverging: readonly Colour[] = [
  [14, 75, 125],
  [80, 145, 195],
  [175, 205, 225],
  [245, 243, 240],
  [245, 195, 150],
  [222, 120, 45],
  [145, 62, 0],
];

export interface ColourScale {
  readonly low: number;
  readonly high: number;
  rgb(value: number): Colour;
}

/** Colours for these numbers: about zero where they have both signs, else from least to most. */
export function colourScale(values: readonly (readonly number[])[]): ColourScale {
  const finite = values.flat().filter(Number.isFinite);
  let low = finite.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  let high = finite.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (low > high) [low, high] = [0, 1];
  const signed = low < 0 && high > 0;
  if (signed) {
    high = Math.max(-low, high);
    low = -high;
  }
  const stops = signed ? diverging : sequential;
  return {
    low,
    high,
    rgb: (value) => {
      const place = high > low ? (value - low) / (high - low) : 0.5;
      return between(stops, Math.min(1, Math.max(0, place)));
    },
  };
}

function between(stops: readonly Colour[], place: number): Colour {
  const at = place * (stops.length - 1);
  const index = Math.min(stops.length - 2, Math.floor(at));
  const mix = (channel: 0 | 1 | 2): number =>
    Math.round(
      stops[index][channel] + (at - index) * (stops[index + 1][channel] - stops[index][channel]),
    );
  return [mix(0), mix(1), mix(2)];
}

export const hex = (colour: Colour): string =>
  `#${colour.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;

/** Whether white is read better than black on this colour (relative luminance, WCAG 2). */
export function isDark(colour: Colour): boolean {
  const [red, green, blue] = colour.map((channel) => {
    const c = channel / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.179;
}
