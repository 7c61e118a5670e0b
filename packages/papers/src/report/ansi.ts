/** Colours of a terminal by the escape sequences that all of them know (ECMA-48, 8.3.117). */

export type Style = "bold" | "dim" | "good" | "bad" | "doubt";

/** Writes a text in a style, or as it is where there are no colours. */
export type Paint = (style: Style | number, text: string) => string;

const codes: Readonly<Record<Style, string>> = {
  bold: "1",
  dim: "2",
  good: "32",
  bad: "31",
  doubt: "33",
};

/** The theme's own colours, as it knows its background; yellow and up in the bright variant. */
const seriesCodes = ["94", "33", "36", "95", "91", "92"];

/** @param color whether the reader's terminal shows colours; the caller heeds `NO_COLOR` */
export const painter =
  (color: boolean): Paint =>
  (style, text) => {
    if (!color || text === "") return text;
    if (typeof style === "number" && style < 0) return text;
    const code = typeof style === "number" ? seriesCodes[style % seriesCodes.length] : codes[style];
    return `\u001b[${code}m${text}\u001b[0m`;
  };

/** Along each side of the cube; the first step is wider than the others. */
const levels = [0, 95, 135, 175, 215, 255];

/** A text on the nearest of the 216 colours of the cube that most terminals have. */
export function onColour(
  [red, green, blue]: readonly [number, number, number],
  dark: boolean,
  text: string,
): string {
  const level = (channel: number): number =>
    levels.reduce(
      (best, each, at) => (Math.abs(each - channel) < Math.abs(levels[best] - channel) ? at : best),
      0,
    );
  const index = 16 + 36 * level(red) + 6 * level(green) + level(blue);
  return `\u001b[48;5;${index};${dark ? 97 : 30}m${text}\u001b[0m`;
}
