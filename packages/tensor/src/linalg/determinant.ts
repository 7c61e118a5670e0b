import { apply, lift, type Op, type Tensor, type TensorLike } from "../graph.ts";
import { add, mul } from "../ops/arithmetic.ts";
import { expandDims } from "../ops/layout.ts";
import { exp } from "../ops/transcendental.ts";
import { zerosLike } from "../transform/pullback.ts";
import { factorise, permutationSign } from "./lu.ts";
import { eachMatrix, squareOrder } from "./matrices.ts";
import { inverse } from "./solve.ts";

const slogdetOp: Op = {
  name: "slogdet",
  infer: ([a]) => {
    const aval = { shape: a.shape.slice(0, -2), dtype: a.dtype };
    return [aval, aval];
  },
  // d log|det A| = trace(A^-1 dA) (Jacobi's formula); the sign is constant where it is not 0.
  vjp: ([, g], { inputs: [a] }) => [
    g && mul(expandDims(g, [-2, -1]), inverse("derivative of slogdet", a, true)),
  ],
  batch: ([a]) => apply(slogdetOp, [a], {}),
  host: (inputs, { outputs }) => {
    const factors = factorise("slogdet", inputs[0]);
    return eachMatrix("slogdet", inputs, outputs, (_, [sign, logarithm], { index }) => {
      const { packed, rows } = factors[index];
      sign[0] = permutationSign(rows);
      for (let i = 0; i < rows.length; i++) {
        const pivot = packed[i * rows.length + i];
        sign[0] *= Math.sign(pivot);
        logarithm[0] += Math.log(Math.abs(pivot));
      }
      sign[0] += 0; // no -0
    });
  },
};

/**
 * The determinant of every matrix [..., n, n] as its sign (-1, 0 or 1) and the logarithm of its
 * absolute value, which neither overflows nor underflows. A singular matrix gives [0, -Infinity].
 *
 * The gradient of the logarithm is A^-T; the sign has none. At a singular matrix asking for it throws.
 *
 * @returns [sign, logarithm], both [...].
 */
export function slogdet(value: TensorLike): [sign: Tensor, logarithm: Tensor] {
  const a = lift(value);
  const order = squareOrder("slogdet", a);
  if (order === 0) {
    const zero = zerosLike({ shape: a.shape.slice(0, -2), dtype: a.dtype });
    return [add(zero, 1), zero]; // the empty product
  }
  const [sign, logarithm] = apply(slogdetOp, [a], {});
  return [sign, logarithm];
}

/** The determinant of every matrix [..., n, n]; see {@link slogdet}, also for its gradient. */
export function det(a: TensorLike): Tensor {
  const [sign, logarithm] = slogdet(a);
  return mul(sign, exp(logarithm));
}
