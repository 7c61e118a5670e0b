/**
 * Differentiable arrays: a function of tensors is traced to a graph, transformed (`grad`, `vmap`,
 * ...), and compiled to an ONNX model that ONNX Runtime executes.
 */
import "./methods.ts";

export type { DType, TypedArray } from "./dtype.ts";
export { TensorError } from "./errors.ts";
export { constant, lift, Tensor, type TensorLike } from "./graph.ts";
export { type Concrete, evaluate, type JitOptions, type Jitted, jit } from "./jit.ts";
export * as linalg from "./linalg/index.ts";
export {
  type ArrayOptions,
  arange,
  array,
  eye,
  full,
  linspace,
  NDArray,
  type NestedList,
  ones,
  zeros,
} from "./ndarray.ts";
export { type ExportOptions, exportOnnx } from "./onnx/export.ts";
export {
  type ImportOptions,
  importOnnx,
  type ModelInput,
  type ModelInputs,
  type ModelValue,
  type OnnxModel,
} from "./onnx/import.ts";
export { type LoadedModel, loadOnnx, type ModelFeeds } from "./onnx/load.ts";
export { type CustomVjpRules, checkpoint, customVjp } from "./ops/calls.ts";
export * from "./ops/functions.ts";
export { iota } from "./ops/indexing.ts";
export { concat, stack } from "./ops/joining.ts";
export { where } from "./ops/logic.ts";
export { einsum } from "./ops/matrix.ts";
export { type ScanOptions, scan } from "./ops/scan.ts";
export * as random from "./random/index.ts";
export { treeRavel } from "./ravel.ts";
export { defaultDevice, devices, setDefaultDevice, setThreads } from "./runtime/device.ts";
export type { Device } from "./runtime/types.ts";
export type { Shape } from "./shape.ts";
export {
  type GradOptions,
  grad,
  hessian,
  hvp,
  jacfwd,
  jacrev,
  jvp,
  linearize,
  valueAndGrad,
  vjp,
} from "./transform/derivatives.ts";
export { type AxisTree, type VmapOptions, vmap } from "./transform/vmap.ts";
export {
  type ArrayTree,
  type Leaf,
  type LeafOf,
  type MapLeaves,
  type TensorTree,
  type Tree,
  type TreeDef,
  type TreeOf,
  treeFlatten,
  treeLeaves,
  treeMap,
  treeUnflatten,
} from "./tree.ts";
