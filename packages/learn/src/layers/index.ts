/**
 * Layers as plain functions.
 *
 * - A layer is a function of its parameters and its input: `dense(params, x)`. What it can be told
 *   besides is an object of options at the end: `conv(params, x, { stride: 2 })`.
 * - `layer.init(key, options)` makes the parameters, a tree of tensors; layers that start without
 *   chance (the norms) have `layer.init(options)`. It is an expression like any other, for use inside
 *   `jit`, under `vmap` over keys, or in `evaluate`, which gives the arrays.
 * - State that is not trained (running statistics) goes in and comes out: `batchNorm(params, state,
 *   x, ...)` returns `[y, nextState]`; `layer.initState(options)` makes the first.
 * - A thing with a configuration of its own (blocks, nets, `sequential`) is made by a function that
 *   takes the configuration; what it returns is again a layer, with `init(key)`.
 * - Evaluation is the default: dropout happens where a key is given, running statistics change where
 *   `training` says so.
 *
 * Matrices are [inputs, outputs], images [N, C, H, W], kernels [O, I, K...], sequences [batch, time,
 * features].
 *
 * @example
 * const params = await evaluate(dense.init(random.key(0), { inputs: 3, outputs: 2 }));
 * const predict = jit((p: DenseParams, x: Tensor) => dense(p, x).relu());
 * await predict(params, array([[1, 2, 3]]));
 */
export * from "./attention.ts";
export * from "./batchNorm.ts";
export * from "./conv.ts";
export * from "./dense.ts";
export * from "./dropout.ts";
export * from "./embedding.ts";
export * from "./featureNorm.ts";
export * from "./gated.ts";
export * from "./multiHeadAttention.ts";
export * from "./normalization.ts";
export * from "./positions.ts";
export * from "./recurrent.ts";
export * from "./residual.ts";
export * from "./sequential.ts";
export * from "./transformerBlock.ts";
