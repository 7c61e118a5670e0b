/** The seeds a person asks for. */
import { UsageError } from "@etude/papers/errors";

const most = 1000;
const expected = "expected a range such as 0..4, a list such as 0,1,2, or one seed such as 5";

/**
 * Reads "5", "0,1,2", "0..4" (both ends included) and mixtures such as "0..2,7".
 *
 * @throws UsageError for anything else, for a seed that comes twice, and for more than 1000
 *
 * @example parseSeeds("0..2,7") // [0, 1, 2, 7]
 */
export function parseSeeds(text: string): readonly number[] {
  const refuse = (problem: string): never => {
    throw new UsageError(`--seeds ${text}: ${problem}`);
  };
  const seeds = text.split(",").flatMap((part) => {
    const match = /^\s*(\d+)\s*(?:\.\.\s*(\d+)\s*)?$/.exec(part);
    if (match === null) return refuse(expected);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (last > 2 ** 32 - 1) refuse("a seed is at most 4294967295");
    if (last < first) refuse(`the range ${first}..${last} runs backwards`);
    if (last - first >= most) refuse(`at most ${most} seeds can be run at once`);
    return Array.from({ length: last - first + 1 }, (_, i) => first + i);
  });
  if (seeds.length > most) refuse(`at most ${most} seeds can be run at once`);
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) refuse(`seed ${twice} comes twice`);
  return seeds;
}
