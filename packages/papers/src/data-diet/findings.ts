/** What else was seen, in sentences. */
import { accuracyOf, type Result } from "./claims.ts";
import { bestWindow } from "./measureNoise.ts";
import type { Options } from "./options.ts";

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const signed = (value: number): string => `${value >= 0 ? "+" : ""}${value.toFixed(2)}`;

export function findings(results: readonly Result[], options: Options): string[] {
  const shares = [...options.keep, ...options.curve].sort((a, b) => a - b);
  const gains = shares.map((share) =>
    mean(results.map((r) => accuracyOf(r, "EL2N", share) - accuracyOf(r, "random", share))),
  );
  const losses = shares.filter((_, i) => gains[i] < 0).map((share) => `${100 * share} %`);
  const over = shares.map((share, i) => `${signed(gains[i])} at ${100 * share} %`).join(", ");
  const never = mean(results.map(({ pruning }) => pruning.neverLearned));
  const changed = mean(results.map(({ noise }) => noise.changed));
  const top = mean(results.map(({ noise }) => noise.changedByTenth[9]));
  const drops = results.map(({ noise }) => `${bestWindow(noise).drop} %`).join(", ");
  return [
    `Highest EL2N against a random subset of the same size, in points of test accuracy: ${over}.`,
    losses.length > 0
      ? `Kept too few, hard examples do worse than random ones: here at ${losses.join(" and ")}.`
      : "At no share that was tried did random examples do better than the hardest ones.",
    `${never.toFixed(2)} % of the examples were never right in the run that counts forgetting; their score is infinite and they are kept first.`,
    `${(100 * changed).toFixed(1)} % of the labels differed from the true ones after ${100 * options.noise} % were corrupted (${options.noiseKind === "fresh" ? "drawn anew from all classes" : "permuted among themselves"}); ${(100 * top).toFixed(0)} % of those lie in the highest tenth by EL2N.`,
    `The best window on validation images left out, seed by seed, the highest ${drops}.`,
    ...kernelFinding(results),
  ];
}

function kernelFinding(results: readonly Result[]): string[] {
  const kernels = results.flatMap(({ pruning }) =>
    pruning.kernel === null ? [] : [pruning.kernel],
  );
  if (kernels.length === 0) return [];
  // After the first epoch, in which everything moves.
  const velocities = kernels[0].ranks.map((_, group) =>
    mean(kernels.map((kernel) => mean(kernel.velocities[group].slice(1)))),
  );
  const fastest = velocities.indexOf(Math.max(...velocities));
  const last = velocities.length - 1;
  return [
    `After the first epoch the tangent kernel of the easiest group turns by ${velocities[0].toFixed(3)} an epoch, that of the hardest by ${velocities[last].toFixed(3)}; ` +
      (fastest === last
        ? "velocity grows up to the highest scores."
        : `the fastest, ${velocities[fastest].toFixed(3)}, is the group at ${kernels[0].ranks[fastest].toFixed(0)} % of the ranking.`),
  ];
}
