/** Classifier-free guidance (Ho and Salimans 2022), and its form for editing with two conditions. */
import type { Tensor } from "@etude/tensor";

/**
 * v(n) + s (v(c) - v(n)): s = 1 is the conditional prediction, s = 0 the one without condition, s > 1
 * goes beyond the first, away from the second.
 */
export const classifierFreeGuidance = (
  conditional: Tensor,
  unconditional: Tensor,
  strength: number | Tensor,
): Tensor => unconditional.add(conditional.sub(unconditional).mul(strength));

/**
 * Guidance by an image I and a text c (Brooks et al. 2023, "InstructPix2Pix", eq. 3):
 * v(0, 0) + s_I (v(I, 0) - v(0, 0)) + s_T (v(I, c) - v(I, 0)), three evaluations a step.
 */
export const editingGuidance = (
  both: Tensor,
  imageOnly: Tensor,
  neither: Tensor,
  imageStrength: number | Tensor,
  textStrength: number | Tensor,
): Tensor =>
  neither.add(imageOnly.sub(neither).mul(imageStrength)).add(both.sub(imageOnly).mul(textStrength));
