/** Where windows of convolutions and poolings lie on their input. */
import { fail } from "../../errors.ts";
import type { Widths } from "../../ops/window.ts";
import type { Call } from "../call.ts";

/**
 * Padding of each spatial axis, given as numbers or by a rule: SAME_UPPER and SAME_LOWER keep
 * ceil(n / stride) positions and put an odd entry at the end or at the start.
 */
export function windowPadding(
  { text, integers }: Pick<Call, "text" | "integers">,
  space: readonly number[],
  reach: readonly number[],
  stride: readonly number[],
): Widths[] {
  const rule = text("auto_pad", "NOTSET");
  if (rule === "NOTSET" || rule === "") {
    const pads = integers("pads") ?? [];
    return space.map((_, axis) => [pads[axis] ?? 0, pads[axis + space.length] ?? 0]);
  }
  if (rule === "VALID") return space.map(() => [0, 0]);
  if (rule !== "SAME_UPPER" && rule !== "SAME_LOWER") return fail(`auto_pad "${rule}" is unknown`);
  return space.map((n, axis) => {
    const positions = Math.ceil(n / stride[axis]);
    const total = Math.max(0, (positions - 1) * stride[axis] + reach[axis] - n);
    const half = Math.floor(total / 2);
    return rule === "SAME_UPPER" ? [half, total - half] : [total - half, half];
  });
}

/**
 * With `ceil_mode` a last window may hang over the end, as long as it starts inside the input or the
 * padding before it: how far beyond the padding the windows reach.
 */
export function overhang(
  space: readonly number[],
  padding: readonly Widths[],
  reach: readonly number[],
  stride: readonly number[],
): number[] {
  return space.map((n, axis) => {
    const [before, after] = padding[axis];
    const room = n + before + after - reach[axis];
    const positions = Math.ceil(room / stride[axis]) + 1;
    const starts = (count: number) => (count - 1) * stride[axis] < n + before;
    const count = starts(positions) ? positions : positions - 1;
    return Math.max(0, (count - 1) * stride[axis] + reach[axis] - (n + before + after));
  });
}
