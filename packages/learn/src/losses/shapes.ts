/** What losses ask of their arguments. */
import type { Tensor } from "@etude/tensor";
import { fail, showShape } from "../errors.ts";

/**
 * Two arguments of one shape: a [n, 1] beside a [n] would silently give all n^2 pairs. A scalar may
 * stand for any shape.
 */
export function expectSameShape(
  loss: string,
  names: readonly [string, string],
  a: Tensor,
  b: Tensor,
) {
  const same = a.rank === b.rank && a.shape.every((length, axis) => length === b.shape[axis]);
  if (same || a.rank === 0 || b.rank === 0) return;
  fail(
    `${loss}: ${names[0]} ${showShape(a.shape)} and ${names[1]} ${showShape(b.shape)} differ in shape; ` +
      "reshape or squeeze one of them",
  );
}

/** Class indices [...] for scores [..., classes]. */
export function expectClassIndices(loss: string, logits: Tensor, labels: Tensor) {
  const lead = logits.shape.slice(0, -1);
  const fits =
    logits.rank > 0 &&
    labels.rank === lead.length &&
    lead.every((length, axis) => length === labels.shape[axis]);
  if (!fits) {
    fail(
      `${loss}: labels ${showShape(labels.shape)} for logits ${showShape(logits.shape)}; ` +
        `class indices are ${showShape(lead)}`,
    );
  }
}

export const isInteger = ({ dtype }: Tensor): boolean => dtype === "int32" || dtype === "uint32";

/** The entry of each row at an index: [..., classes] and [...] to [...]. */
export const pick = (rows: Tensor, index: Tensor): Tensor =>
  rows.takeAlongAxis(index.expandDims(-1)).squeeze(-1);
