/** Batch normalisation without additive constants. */
import type { Tensor } from "@etude/tensor";

/** Share of the old running deviation that is kept at an update. */
const momentum = 0.9;
/** Inside the root. Gammas start near 0.0035, so that it is not small beside the next variance. */
const epsilon = 1e-5;

export type Mode = "train" | "evaluate";

/**
 * Bias-free batch normalisation of x [B, C, H, W]: divides every channel by its standard deviation
 * and multiplies it by gamma, but never subtracts the mean, so that evaluation is homogeneous of
 * degree 1 in x.
 *
 *     s = sqrt(Var_{B,H,W}(x) + 1e-5)            about the mean, divided by the count
 *     train:     gamma x / s,   running <- 0.9 running + 0.1 s
 *     evaluate:  gamma x / running
 *
 * Gradients flow through s, not through the update of the running deviation.
 *
 * @param gamma [C]
 * @param running [C], a standard deviation; starts at 1
 * @returns the output and the next running deviation, the same one when evaluating
 */
export function biasFreeBatchNorm(
  x: Tensor,
  gamma: Tensor,
  running: Tensor,
  mode: Mode,
): [y: Tensor, running: Tensor] {
  const channel = (vector: Tensor) => vector.reshape([-1, 1, 1]);
  if (mode === "evaluate") return [x.mul(channel(gamma.div(running))), running];
  const centred = x.sub(channel(channelMean(x)));
  const deviation = channelMean(centred.mul(centred)).add(epsilon).sqrt();
  const next = running.mul(momentum).add(deviation.stopGradient().mul(1 - momentum));
  return [x.mul(channel(gamma.div(deviation))), next];
}

/** First over space, then over the batch: several times as fast as over all these axes at once. */
const channelMean = (x: Tensor): Tensor => x.mean([2, 3]).mean(0);
