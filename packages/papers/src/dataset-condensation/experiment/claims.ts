/** What the experiment decides. Accuracies and differences are in percentage points. */
import type { Claim } from "../../contract/claim.ts";
import type { Baseline, Method } from "../settings.ts";
import type { ClutterScores } from "./clutterStudy.ts";
import type { Garments, SetScores } from "./garments.ts";
import type { Options } from "./options.ts";
import type { ReplayScores } from "./replayStudy.ts";

/** What one seed measured. */
export interface Result {
  readonly garments: Garments;
  readonly clutter: readonly ClutterScores[];
  readonly replay: ReplayScores | null;
}

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Mean accuracy over networks, in per cent. */
export function accuracyOf(
  { methods, random, randomAugmented = [] }: SetScores,
  set: Method | Baseline,
): number {
  if (set === "random") return meanOf(random);
  if (set === "random, augmented") return meanOf(randomAugmented);
  const found = methods.find(({ method }) => method === set);
  return found === undefined ? Number.NaN : meanOf(found.accuracies);
}

const gap = (scores: SetScores, a: Method, b: Method | Baseline): number =>
  accuracyOf(scores, a) - accuracyOf(scores, b);

/** The part of the seeds whose number is above 0, the same for all. */
function share(values: readonly number[]): number[] {
  const part = values.filter((value) => value > 0).length / values.length;
  return values.map(() => part);
}

/** Mean over the last fifth of the epochs, over that of the first fifth. */
export function slowing(velocity: readonly number[]): number {
  const fifth = Math.max(1, Math.floor(velocity.length / 5));
  return meanOf(velocity.slice(-fifth)) / meanOf(velocity.slice(0, fifth));
}

export function claims(options: Options): Claim<Result>[] {
  const { ipc, margin, furtherIpc, judgeFurther, velocityEpochs, betas, judgedBeta, replaySteps } =
    options;
  const main =
    (a: Method, b: Method | Baseline) =>
    (results: readonly Result[]): number[] =>
      results.map(({ garments }) => gap(garments.main, a, b));
  const images = (count: number) => `${count} ${count === 1 ? "image" : "images"} per class`;
  const all: Claim<Result>[] = [
    {
      id: "dcc-beats-dc",
      statement: `With ${images(ipc)}, networks trained on the set by DCC are at least ${margin} points more accurate on real test images than on that by DC.`,
      paper:
        "CIFAR-10, 1 image per class: 32.9 against 28.3 (the former recalled); fine-grained groups of ImageNet: DC below, DCC above random images in many cells",
      bar: { atLeast: margin },
      measure: main("DCC", "DC"),
    },
    {
      id: "dcc-beats-dc-in-most",
      statement: "DCC is better than DC in at least five of six seeds.",
      paper: "not reported by seed",
      bar: { atLeast: 5 / 6 },
      measure: (results) => share(main("DCC", "DC")(results)),
    },
    {
      id: "dc-no-better-than-random",
      statement:
        "Networks trained on the set by DC are at most 1 point more accurate than on the real images it began as.",
      paper: "on fine-grained data DC can be worse than random images",
      bar: { atMost: 1 },
      measure: main("DC", "random"),
    },
    {
      id: "dcc-beats-random",
      statement:
        "Networks trained on the set by DCC are at least 2 points more accurate than on those.",
      paper: "DCC is above random images on fine-grained data",
      bar: { atLeast: 2 },
      measure: main("DCC", "random"),
    },
  ];
  if (judgeFurther && furtherIpc > 0)
    all.push({
      id: "dcc-beats-dc-further",
      statement: `With ${images(furtherIpc)} DCC is at least ${margin} points above DC, too.`,
      paper: "CIFAR-10, 10 images per class: 49.4 (recalled) against 44.9",
      bar: { atLeast: margin },
      measure: (results) =>
        results.map(({ garments: { further } }) =>
          further === null ? Number.NaN : gap(further, "DCC", "DC"),
        ),
    });
  if (betas.length > 0)
    all.push({
      id: "common-signal",
      statement: `On digits under a common signal of strength ${judgedBeta}, DCC is at least 3 points above DC.`,
      paper: "the argument of the paper; this experiment is not in it",
      bar: { atLeast: 3 },
      measure: (results) =>
        results.map(({ clutter }) => {
          const found = clutter.find(({ beta }) => beta === judgedBeta);
          return found === undefined ? Number.NaN : found.DCC - found.DC;
        }),
    });
  if (velocityEpochs > 0)
    all.push({
      id: "kernel-slows-down",
      statement:
        "While a network learns from either set its tangent kernel comes to rest: in the last fifth of the epochs it turns less than in the first, in ratio.",
      paper: "plots only; the protocol is reconstructed",
      bar: { atMost: 1 },
      measure: (results) =>
        results.map(({ garments: { velocities } }) =>
          Math.max(
            ...velocities
              .filter(({ set }) => set === "DC" || set === "DCC")
              .map(({ velocity }) => slowing(velocity)),
          ),
        ),
    });
  if (replaySteps > 0)
    all.push({
      id: "replay",
      statement: `With ${images(ipc)} as memory, a network that has met all classes in ${replaySteps} tasks is at least as accurate with the sets by DCC as with those by DC.`,
      paper: "DCC memories do better than DC's and herding; figures not known here",
      bar: { atLeast: 0 },
      measure: (results) =>
        results.map(({ replay }) =>
          replay === null ? Number.NaN : last(replay.DCC) - last(replay.DC),
        ),
    });
  return all;
}

export const last = (values: readonly number[]): number => values[values.length - 1];
