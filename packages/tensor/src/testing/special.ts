/** Functions of one number in float64 that JavaScript's Math lacks. */

/**
 * The error function: near zero its series with positive terms,
 * erf(x) = 2/sqrt(pi) exp(-x^2) sum over n of 2^n x^(2n+1) / (1 3 5 ... (2n+1)), else 1 - erfc(x).
 */
export function erf(x: number): number {
  const y = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (y > 2.5) return Math.sign(x) * (1 - erfc(y));
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** 1 - erf(x) for x > 2 by Laplace's continued fraction exp(-x^2)/sqrt(pi) / (x + 1/2 / (x + 2/2 / (x + ...))). */
function erfc(x: number): number {
  let fraction = x;
  for (let k = 200; k >= 1; k--) fraction = x + k / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** The inverse of erf by Newton's method. */
export function erfinv(y: number): number {
  let x = y;
  for (let i = 0; i < 30; i++) x -= ((erf(x) - y) * Math.sqrt(Math.PI) * Math.exp(x * x)) / 2;
  return x;
}

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** Remainder with the sign of the divisor. */
export const floorMod = (a: number, b: number): number => a - b * Math.floor(a / b);

export const roundHalfEven = (x: number): number => {
  const below = Math.floor(x);
  const rest = x - below;
  if (rest !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
};
