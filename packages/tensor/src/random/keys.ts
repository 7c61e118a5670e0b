/** Keys: what randomness is a function of. */
import { fail, showShape } from "../errors.ts";
import { lift, type Tensor, type TensorLike } from "../graph.ts";
import { NDArray } from "../ndarray.ts";
import { cast } from "../ops/cast.ts";
import { iota } from "../ops/indexing.ts";
import { concat, stack, unstack } from "../ops/joining.ts";
import { reshape } from "../ops/layout.ts";
import { checkedKey } from "./arguments.ts";
import { threefry } from "./threefry.ts";

/**
 * The key of a seed: uint32 [2], the high and the low 32 bits of the seed as a 64-bit integer in
 * two's complement, so that different seeds have different keys. For 0 <= seed < 2^32 it is
 * `[0, seed]`, JAX's `PRNGKey(seed)`; beyond that it is JAX's with 64-bit types enabled (without
 * them JAX drops the high word).
 *
 * @param seed a safe integer, or a bigint from -2^63 up to but not including 2^64
 */
export function key(seed: number | bigint): NDArray {
  const fits =
    typeof seed === "bigint"
      ? seed >= -(2n ** 63n) && seed < 2n ** 64n
      : Number.isSafeInteger(seed);
  if (!fits) {
    fail(
      `random.key: seed ${seed} is not a ${typeof seed === "bigint" ? "64-bit" : "safe"} integer; ` +
        "larger seeds can be given as bigints of up to 64 bits",
    );
  }
  const bits = BigInt.asUintN(64, BigInt(seed));
  return new NDArray(
    Uint32Array.of(Number(bits >> 32n), Number(bits & 0xffffffffn)),
    [2],
    "uint32",
  );
}

/**
 * New keys from one, stacked: uint32 [count, 2], to `vmap` or `scan` over. Row i is JAX's
 * `split(key, count)[i]` and does not depend on `count`.
 *
 * @example vmap((key: Tensor) => random.normal(key, [3]))(random.splitKeys(key, 10)) // [10, 3]
 */
export function splitKeys(key: TensorLike, count = 2): Tensor {
  if (!Number.isInteger(count) || count < 1)
    fail(`random.splitKeys: ${count} is no number of keys; it must be a positive integer`);
  return stack(threefry(checkedKey("splitKeys", key), iota(count, "uint32")), 1);
}

/**
 * New keys from one, as a list. Use a key once, for numbers or for keys: what is drawn twice from the
 * same key is twice the same.
 *
 * @example
 * const [dropoutKey, noiseKey] = random.split(key);
 */
export const split = (key: TensorLike, count = 2): Tensor[] => unstack(splitKeys(key, count));

/**
 * A new key from a key and an integer, such as a step number; JAX's `fold_in`.
 *
 * @param data an integer from 0 up to but not including 2^32, or an int32 or uint32 tensor of shape
 *   [], of which negative values count modulo 2^32
 */
export function foldIn(key: TensorLike, data: TensorLike): Tensor {
  const counter = typeof data === "number" ? lift(wordOf(data), "uint32") : lift(data);
  if (counter.rank !== 0 || (counter.dtype !== "uint32" && counter.dtype !== "int32")) {
    fail(
      "random.foldIn: data must be an integer or an int32 or uint32 tensor of shape [], got " +
        `${counter.dtype}${showShape(counter.shape)}; convert a step number with .astype("int32")`,
    );
  }
  const word = reshape(cast(counter, "uint32"), [1]);
  return concat(threefry(checkedKey("foldIn", key), word));
}

function wordOf(data: number): number {
  if (Number.isInteger(data) && data >= 0 && data < 2 ** 32) return data;
  return fail(`random.foldIn: ${data} is not an integer from 0 up to 2^32 - 1`);
}
