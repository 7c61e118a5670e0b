/** Options of an experiment changed from the command line: `--set units=50`. */
import { nearNames } from "@etude/data/names";
import { UsageError } from "@etude/papers/errors";
import { camelCase } from "./checkFlags.ts";
import { type OptionSchema, parseValue } from "./optionValues.ts";

/**
 * Reads settings of the form name=value; a name may be written unitsPerStep or units-per-step.
 *
 * @throws UsageError for another form, a name no option has, or a value of the wrong kind
 */
export function parseSettings(
  settings: readonly string[],
  schemas: Readonly<Record<string, OptionSchema>>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const setting of settings) {
    const equals = setting.indexOf("=");
    if (equals < 1) throw new UsageError(`--set ${setting}: expected name=value`);
    const name = setting.slice(0, equals);
    const option = name in schemas ? name : camelCase(name);
    if (!Object.hasOwn(schemas, option)) throw unknownOption(setting, name, Object.keys(schemas));
    if (option in values) throw new UsageError(`--set ${setting}: ${option} is set twice`);
    values[option] = parseValue(setting.slice(equals + 1), schemas[option], `--set ${setting}`);
  }
  return values;
}

function unknownOption(setting: string, name: string, options: readonly string[]): UsageError {
  const near = nearNames(name, options);
  const hint =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${options.join(", ")}`;
  return new UsageError(`--set ${setting}: there is no such option; ${hint}`);
}
