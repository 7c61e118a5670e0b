/** The thirty-five papers: a card for each, and the folder of those that can be run. */
import { card, cards } from "./cards/index.ts";
import { UsageError } from "./contract/errors.ts";
import type { Paper } from "./contract/paper.ts";

/** Loaded when asked for, so that a page or a command carries only the papers it runs. */
const folders: Readonly<Record<string, () => Promise<{ readonly paper: Paper }>>> = {
  "adaptive-guidance": () => import("./adaptive-guidance/paper.ts"),
  "batch-size-learning-rates": () => import("./batch-size-learning-rates/paper.ts"),
  "bo-rep": () => import("./bo-rep/paper.ts"),
  "comp-sum-losses": () => import("./comp-sum-losses/paper.ts"),
  "convex-relu": () => import("./convex-relu/paper.ts"),
  "data-diet": () => import("./data-diet/paper.ts"),
  "dataset-condensation": () => import("./dataset-condensation/paper.ts"),
  gbnn: () => import("./gbnn/paper.ts"),
  "geometry-adaptive-denoisers": () => import("./geometry-adaptive-denoisers/paper.ts"),
  "in-context-gradient-descent": () => import("./in-context-gradient-descent/paper.ts"),
  odice: () => import("./odice/paper.ts"),
  "schedule-refinement": () => import("./schedule-refinement/paper.ts"),
  "local-function-approximation": () => import("./local-function-approximation/paper.ts"),
};

/** Papers that a program brings along, by their slugs. */
const own = new Map<string, Paper>();

/** Makes a paper that is in no folder here known to this process. */
export const register = (paper: Paper): void => {
  own.set(paper.card.slug, paper);
};

/** Whether a paper can be run; of the others there is only the card so far. */
export const isRunnable = (slug: string): boolean => own.has(slug) || Object.hasOwn(folders, slug);

/** Slugs of the papers that can be run, in the order of the cards. */
export const runnable: readonly string[] = cards.map(({ slug }) => slug).filter(isRunnable);

/**
 * A paper that can be run.
 *
 * @throws UsageError for a name no card has, with the nearest ones, and for a paper that only has a card
 */
export async function loadPaper(slug: string): Promise<Paper> {
  const brought = own.get(slug);
  if (brought !== undefined) return brought;
  const { title } = card(slug);
  if (!isRunnable(slug)) {
    throw new UsageError(
      `${slug} ("${title}") cannot be run yet, only read; those that can: ${runnable.join(", ")}`,
    );
  }
  return (await folders[slug]()).paper;
}
