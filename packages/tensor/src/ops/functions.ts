/** Every operation as a function. What is here and takes a tensor first is a method too. */
export * from "./arithmetic.ts";
export { cast as astype } from "./cast.ts";
export { conv, convTranspose } from "./conv.ts";
export { argmax, argmin } from "./extremum.ts";
export { fold } from "./fold.ts";
export { gather, oneHot, scatterAdd, scatterAlongAxis, takeAlongAxis } from "./indexing.ts";
export { flip, roll, split, unstack } from "./joining.ts";
export {
  broadcastTo,
  expandDims,
  moveAxis,
  repeat,
  reshape,
  squeeze,
  swapAxes,
  tile,
  transpose,
} from "./layout.ts";
export {
  and,
  bitwiseAnd,
  bitwiseOr,
  bitwiseXor,
  equal,
  greater,
  greaterEqual,
  isNotANumber,
  less,
  lessEqual,
  not,
  notEqual,
  or,
  shiftLeft,
  shiftRight,
  xor,
} from "./logic.ts";
export { stopGradient } from "./markers.ts";
export { dot, matmul, outer } from "./matmul.ts";
export { diag, diagonal, trace, tril, triu } from "./matrix.ts";
export { layerNorm } from "./normalize.ts";
export { argsort, cumsum, sort, topK } from "./ordering.ts";
export { avgPool, maxPool, unfold } from "./pool.ts";
export { logsumexp, max, mean, min, norm, prod, std, sum, variance } from "./reduce.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export {
  cos,
  elu,
  erf,
  erfinv,
  exp,
  expm1,
  gelu,
  leakyRelu,
  log,
  log1p,
  logaddexp,
  rsqrt,
  sigmoid,
  silu,
  sin,
  softplus,
  sqrt,
  tanh,
} from "./transcendental.ts";
export { pad, slice } from "./window.ts";
