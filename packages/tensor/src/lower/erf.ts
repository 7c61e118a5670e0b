/**
 * The error function in float64, which ONNX Runtime's CPU provider lacks: the rational Chebyshev
 * approximations of W. J. Cody, Mathematics of Computation 23 (1969), one for each of three ranges.
 */
import type { Emitter } from "./emitter.ts";

const small = {
  numerator: [
    1.85777706184603153e-1, 3.1611237438705656, 1.13864154151050156e2, 3.77485237685302021e2,
    3.20937758913846947e3,
  ],
  denominator: [
    1, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3,
  ],
};
const middle = {
  numerator: [
    2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
    2.98635138197400131e2, 8.8195222124176909e2, 1.71204761263407058e3, 2.05107837782607147e3,
    1.23033935479799725e3,
  ],
  denominator: [
    1, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
    3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3,
  ],
};
const large = {
  numerator: [
    1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
    1.60837851487422766e-2, 6.58749161529837803e-4,
  ],
  denominator: [
    1, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
    2.33520497626869185e-3,
  ],
};

export function lowerErf64(emit: Emitter, x: string): string {
  const number = (value: number) => emit.scalar(value, "float64");
  const polynomial = (at: string, coefficients: readonly number[]) =>
    coefficients
      .slice(1)
      .reduce(
        (sum, c) => emit.op("Add", [emit.op("Mul", [sum, at]), number(c)]),
        number(coefficients[0]),
      );
  const ratio = (at: string, { numerator, denominator }: typeof small) =>
    emit.op("Div", [polynomial(at, numerator), polynomial(at, denominator)]);

  const y = emit.op("Abs", [x]);
  const square = emit.op("Mul", [x, x]);
  const decay = emit.op("Exp", [emit.op("Neg", [square])]);
  const one = number(1);
  // Each range sees its operand kept inside it, so that no branch overflows where it is not taken.
  const near = emit.op("Mul", [x, ratio(emit.op("Min", [square, one]), small)]);
  const between = emit.op("Mul", [decay, ratio(emit.op("Min", [y, number(4)]), middle)]);
  const far = emit.op("Max", [y, number(4)]);
  const inverse = emit.op("Reciprocal", [emit.op("Mul", [far, far])]);
  const tail = emit.op("Sub", [
    number(1 / Math.sqrt(Math.PI)),
    emit.op("Mul", [inverse, ratio(inverse, large)]),
  ]);
  const beyond = emit.op("Mul", [decay, emit.op("Div", [tail, far])]);

  const complement = emit.op("Where", [emit.op("Greater", [y, number(4)]), beyond, between]);
  const outer = emit.op("Mul", [emit.op("Sign", [x]), emit.op("Sub", [one, complement])]);
  return emit.op("Where", [emit.op("LessOrEqual", [y, number(0.46875)]), near, outer]);
}
