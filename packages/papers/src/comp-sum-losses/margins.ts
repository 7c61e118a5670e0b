/** Scores of classes, and by how much that of the label exceeds the others. */
import type { Tensor } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";

const shown = ({ shape }: Tensor): string => `[${shape.join(", ")}]`;

/**
 * Class indices [...] for scores [..., classes] of two classes or more.
 *
 * @throws UsageError with both shapes
 */
export function checkLabels(name: string, scores: Tensor, labels: Tensor): void {
  checkClasses(name, scores);
  const lead = scores.shape.slice(0, -1);
  const fits =
    labels.rank === lead.length && lead.every((length, axis) => length === labels.shape[axis]);
  if (fits) return;
  throw new UsageError(
    `${name}: labels ${shown(labels)} for scores ${shown(scores)}; class indices are [${lead.join(", ")}]`,
  );
}

/** @throws UsageError unless the last axis holds two classes or more */
export function checkClasses(name: string, scores: Tensor): void {
  if (scores.rank > 0 && classesOf(scores) >= 2) return;
  throw new UsageError(
    `${name}: scores are [..., classes] with two classes or more, got ${shown(scores)}`,
  );
}

export const classesOf = ({ shape }: Tensor): number => shape[shape.length - 1];

/** The entry of each row at an index: [..., classes] and [...] to [...]. */
export const pick = (rows: Tensor, index: Tensor): Tensor =>
  rows.takeAlongAxis(index.expandDims(-1)).squeeze(-1);

/** 1 at the label, 0 elsewhere: [..., classes]. */
export const labelMask = (scores: Tensor, labels: Tensor): Tensor =>
  labels.oneHot(classesOf(scores), { dtype: scores.dtype });

/**
 * The margins Delta_h(x, y, y') = h(x, y) - h(x, y') for all y' [..., classes]. The entry of the label
 * is identically zero: it adds nothing to a norm, but must not enter the sum of (1).
 */
export const margins = (scores: Tensor, labels: Tensor): Tensor =>
  pick(scores, labels).expandDims(-1).sub(scores);

/** Added to a score that is to be left out. */
const never = -1e30;

/** rho_h(x, y) = h(x, y) - max_{y' != y} h(x, y') [...]: above zero where the label wins (12). */
export function smallestMargin(scores: Tensor, labels: Tensor): Tensor {
  const others = scores.add(labelMask(scores, labels).mul(never));
  return pick(scores, labels).sub(others.max(-1));
}
