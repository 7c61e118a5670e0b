/**
 * The inverse of the error function, which ONNX has no operator for: the polynomials in
 * w = -log(1 - x^2) of M. Giles, "Approximating the erfinv function", GPU Computing Gems, Jade
 * Edition (2011), for single and for double precision.
 */
import type { Aval } from "../graph.ts";
import type { Emitter } from "./emitter.ts";

interface Piece {
  /** The piece is for w below this. */
  readonly below: number;
  /** Its variable: w or sqrt(w), less the centre. */
  readonly variable: "w" | "sqrt(w)";
  readonly centre: number;
  /** Of erfinv(x) / x, the highest power first. */
  readonly coefficients: readonly number[];
}

const single: readonly Piece[] = [
  {
    below: 5,
    variable: "w",
    centre: 2.5,
    coefficients: [
      2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503,
      -0.00417768164, 0.246640727, 1.50140941,
    ],
  },
  {
    below: Number.POSITIVE_INFINITY,
    variable: "sqrt(w)",
    centre: 3,
    coefficients: [
      -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613,
      0.00943887047, 1.00167406, 2.83297682,
    ],
  },
];

const double: readonly Piece[] = [
  {
    below: 6.25,
    variable: "w",
    centre: 3.125,
    coefficients: [
      -3.64441206401782e-21, -1.6850591381820166e-19, 1.28584807152564e-18, 1.1157877678025181e-17,
      -1.333171662854621e-16, 2.0972767875968562e-17, 6.637638134358324e-15, -4.054566272975207e-14,
      -8.151934197605472e-14, 2.6335093153082323e-12, -1.2975133253453532e-11,
      -5.415412054294628e-11, 1.0512122733215323e-9, -4.112633980346984e-9, -2.9070369957882005e-8,
      4.2347877827932404e-7, -1.3654692000834679e-6, -1.3882523362786469e-5, 0.00018673420803405714,
      -0.000740702534166267, -0.006033670871430149, 0.24015818242558962, 1.6536545626831027,
    ],
  },
  {
    below: 16,
    variable: "sqrt(w)",
    centre: 3.25,
    coefficients: [
      2.2137376921775787e-9, 9.075656193888539e-8, -2.7517406297064545e-7, 1.8239629214389228e-8,
      1.5027403968909828e-6, -4.013867526981546e-6, 2.9234449089955446e-6, 1.2475304481671779e-5,
      -4.7318229009055734e-5, 6.828485145957318e-5, 2.4031110387097894e-5, -0.0003550375203628475,
      0.0009532893797373805, -0.0016882755560235047, 0.002491442096107851, -0.003751208507569241,
      0.005370914553590064, 1.0052589676941592, 3.0838856104922208,
    ],
  },
  {
    below: Number.POSITIVE_INFINITY,
    variable: "sqrt(w)",
    centre: 5,
    coefficients: [
      -2.7109920616438573e-11, -2.555641816996525e-10, 1.5076572693500548e-9, -3.789465440126737e-9,
      7.61570120807834e-9, -1.496002662714924e-8, 2.914795345090108e-8, -6.771199775845234e-8,
      2.2900482228026655e-7, -9.9298272942317e-7, 4.526062597223154e-6, -1.968177810553167e-5,
      7.599527703001776e-5, -0.00021503011930044477, -0.00013871931833623122, 1.0103004648645344,
      4.849906401408584,
    ],
  },
];

/** Within 4e-7 (float32) and 1e-15 (float64) of the value, relatively; infinite at -1 and 1. */
export function lowerErfinv(emit: Emitter, x: string, { dtype }: Aval): string {
  const number = (value: number) => emit.scalar(value, dtype);
  const one = number(1);
  // (1 - x)(1 + x) keeps the digits that 1 - x^2 loses near the ends.
  const product = emit.op("Mul", [emit.op("Sub", [one, x]), emit.op("Add", [one, x])]);
  const w = emit.op("Neg", [emit.op("Log", [product])]);
  const root = emit.op("Sqrt", [w]);

  const quotient = (dtype === "float64" ? double : single).reduceRight<string | undefined>(
    (beyond, { below, variable, centre, coefficients }) => {
      const t = emit.op("Sub", [variable === "w" ? w : root, number(centre)]);
      const value = coefficients
        .slice(1)
        .reduce(
          (sum, c) => emit.op("Add", [emit.op("Mul", [sum, t]), number(c)]),
          number(coefficients[0]),
        );
      // The last polynomial is above its variable wherever it is meant for, but wrong at w = inf.
      if (beyond === undefined) return emit.op("Max", [value, t]);
      return emit.op("Where", [emit.op("Less", [w, number(below)]), value, beyond]);
    },
    undefined,
  );
  return emit.op("Mul", [x, quotient as string]);
}
