/**
 * The error function in float64, which ONNX Runtime's CPU provider lacks: the rational Chebyshev
 * approximations of W. J. Cody, Mathematics of Computation 23 (1969), one for each of three ranges.
 */
import type { Emitter } from "./emitter.ts";

const small = {
  numerator: [
    0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302,
    3209.3775891384694,
  ],
  denominator: [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171],
};
const middle = {
  numerator: [
    2.1531153547440383e-8, 0.5641884969886701, 8.883149794388377, 66.11919063714163,
    298.6351381974001, 881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972,
  ],
  denominator: [
    1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
    3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495,
  ],
};
const large = {
  numerator: [
    0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926,
    0.016083785148742275, 0.0006587491615298378,
  ],
  denominator: [
    1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132,
    0.0023352049762686918,
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
