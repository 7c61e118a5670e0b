/** Options of an experiment with several values each: `--grid units=50,100`. */
import { UsageError } from "@etude/papers/errors";
import type { OptionSchema } from "./optionValues.ts";
import { parseSettings } from "./settings.ts";

/**
 * Reads grids of the form name=value,value; each value as `--set` would read it.
 *
 * @throws UsageError for another form, a name no option has, a value of the wrong kind or twice the same
 */
export function parseGrid(
  grids: readonly string[],
  schemas: Readonly<Record<string, OptionSchema>>,
): Record<string, unknown[]> {
  const grid: Record<string, unknown[]> = {};
  for (const given of grids) {
    const equals = given.indexOf("=");
    if (equals < 1) throw new UsageError(`--grid ${given}: expected name=value,value`);
    const name = given.slice(0, equals);
    const texts = given.slice(equals + 1).split(",");
    const twice = texts.find((text, i) => texts.indexOf(text) !== i);
    if (twice !== undefined) throw new UsageError(`--grid ${given}: ${twice} comes twice`);
    for (const text of texts) {
      const [[option, value]] = Object.entries(parse(given, `${name}=${text}`, schemas));
      grid[option] = [...(grid[option] ?? []), value];
    }
  }
  return grid;
}

function parse(
  given: string,
  setting: string,
  schemas: Readonly<Record<string, OptionSchema>>,
): Record<string, unknown> {
  try {
    return parseSettings([setting], schemas);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new UsageError(error.message.replace(`--set ${setting}`, `--grid ${given}`));
  }
}
