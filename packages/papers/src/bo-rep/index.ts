/** The method for programs: bilevel problems, BO-REP, and the methods it is compared with. */
export * from "./bilevel/index.ts";
export {
  cleaningProblem,
  hyperparameterProblem,
  type Labelled,
  type Levels,
  type Logits,
  lowerRows,
  type Rows,
  representationProblem,
  rowBatches,
} from "./classification.ts";
export {
  encodeDense,
  encodeText,
  initDenseEncoder,
  initTextEncoder,
  linearHead,
  type TextEncoder,
} from "./networks.ts";
export { paper } from "./paper.ts";
