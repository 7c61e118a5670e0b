/**
 * Random numbers as functions of a key. The generator is Threefry-2x32; keys, bits and distributions
 * are those of JAX in its default mode (`jax_threefry_partitionable=True`, `jax_default_prng_impl=
 * "threefry2x32"`, `jax_high_dynamic_range_gumbel=False`), held to values made with JAX 0.10.2:
 * bits, keys, uniforms and whole numbers equal, other floats agree to rounding. Samples of float64
 * are those of JAX with 64-bit types enabled.
 *
 * Everything is an operation of the graph: it works under `jit`, `vmap` (over keys) and `scan`, and a
 * key may be an argument of a compiled function. Within one graph the same key and shape give the
 * same sample, so split the key for every new one.
 *
 * @example
 * const sample = jit((key: Tensor) => {
 *   const [weightKey, maskKey] = random.split(key);
 *   return random.normal(weightKey, [3]).mul(random.bernoulli(maskKey, 0.9, [3]).astype("float32"));
 * });
 * await sample(random.key(42));
 */
export type { FloatType } from "./arguments.ts";
export { exponential, gumbel, laplace, normal, truncatedNormal } from "./continuous.ts";
export {
  bernoulli,
  type CategoricalOptions,
  categorical,
  permutation,
  randint,
} from "./discrete.ts";
export { type Generator, type GeneratorState, generator } from "./generator.ts";
export { foldIn, key, split, splitKeys } from "./keys.ts";
export { bits, type FloatOptions, type UniformOptions, uniform } from "./uniform.ts";
