/** What else was seen, in sentences computed from the results. */
import type { Result } from "../experiment.ts";
import { additiveMethods, type MethodName, multiplicativeMethods } from "../methods.ts";
import { atThird, placeOf } from "./claims.ts";
import type { TestName } from "./compiled.ts";
import type { NetworkResult } from "./network.ts";
import { type Case, mean } from "./summary.ts";

const shown = (value: number): string => value.toPrecision(3);

export const findingsOf = (cases: readonly Case[], results: readonly Result[]): string[] => [
  ...cases.flatMap((one) => [groups(one), topCurves(one), ...warnings(one)]),
  ...results[0].tables.flatMap((_, t) => logistic(results, t)),
];

/** How far the groups are from each other, beside how far their members are. */
function groups({ title, networks }: Case): string {
  const between = meanOver(networks, additiveMethods, multiplicativeMethods);
  const additive = meanOver(networks, additiveMethods, additiveMethods);
  const multiplicative = meanOver(networks, multiplicativeMethods, multiplicativeMethods);
  return `${title}: the mean L1 distance is ${shown(additive)} among methods that add, ${shown(multiplicative)} among methods that multiply, and ${shown(between)} between the two groups.`;
}

/** Mean distance of pairs of different methods. */
function meanOver(
  networks: readonly NetworkResult[],
  rows: readonly MethodName[],
  columns: readonly MethodName[],
): number {
  const values = networks.flatMap(({ l1 }) =>
    rows.flatMap((row) =>
      columns.filter((column) => column !== row).map((column) => l1[placeOf(row)][placeOf(column)]),
    ),
  );
  return mean(values);
}

/** Top curves carry no bar: whether they mirror the bottom ones differs from table to table. */
function topCurves({ title, networks }: Case): string {
  const group = (test: TestName, methods: readonly MethodName[]) =>
    mean(networks.flatMap((network) => methods.map((method) => atThird(network, test, method))));
  const sentence = (test: TestName, expected: "add" | "multiply"): string => {
    const [add, multiply] = [group(test, additiveMethods), group(test, multiplicativeMethods)];
    const mirrored = expected === "add" ? add > multiply : multiply > add;
    return `${shown(add)} and ${shown(multiply)} (${mirrored ? "as" : "not as"} the rule of thumb has it)`;
  };
  return `${title}: perturbing the third that matters most changes the score, for methods that add and that multiply, by ${sentence("topContinuous", "add")} under noise and ${sentence("topBinary", "multiply")} under removal.`;
}

function warnings({ title, tables, networks }: Case): string[] {
  const found: string[] = [];
  const samples = mean(networks.map(({ limeSamples }) => limeSamples));
  const needed = 2 * (tables[0].features + 1);
  if (samples < needed)
    found.push(
      `${title}: LIME's kernel leaves ${shown(samples)} effective samples, fewer than the ${needed} it needs for ${tables[0].features} features.`,
    );
  const flat = mean(networks.map((network) => network.flat));
  if (flat > 0)
    found.push(`${title}: ${shown(100 * flat)} % of the gradient's entries are below 1e-8.`);
  return found;
}

/** Only a logistic g has a logistic model in its class. */
function logistic(results: readonly Result[], t: number): string[] {
  const rows = results[0].tables[t].recovered;
  return rows.flatMap((row, i) => {
    if (row.model !== "logistic" || row.route !== "adam") return [];
    const ofSeeds = results.map(({ tables }) => tables[t].recovered[i]);
    const error = mean(ofSeeds.map(({ toWeights }) => toWeights));
    const angle = mean(ofSeeds.map(({ cosineToWeights }) => cosineToWeights));
    return [
      `${results[0].tables[t].table}: ${row.method} recovers w of a logistic model to ${shown(100 * error)} % (1 - cos ${shown(angle)}).`,
    ];
  });
}
