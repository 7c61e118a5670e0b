/** Every operation as a function. What is here and takes a tensor first is a method too. */
export * from "./arithmetic.ts";
export { cast as astype } from "./cast.ts";
export { conv, convTranspose } from "./conv.ts";
export { fold } from "./fold.ts";
export {
  argsort,
  cumsum,
  gather,
  oneHot,
  scatterAdd,
  scatterAlongAxis,
  sort,
  takeAlongAxis,
  topK,
} from "./indexing.ts";
export {
  broadcastTo,
  expandDims,
  flip,
  moveAxis,
  pad,
  repeat,
  reshape,
  roll,
  slice,
  split,
  squeeze,
  swapAxes,
  tile,
  transpose,
  unstack,
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
export { avgPool, maxPool, unfold } from "./pool.ts";
export {
  argmax,
  argmin,
  logSoftmax,
  logsumexp,
  max,
  mean,
  min,
  norm,
  prod,
  softmax,
  std,
  sum,
  variance,
} from "./reduce.ts";
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
