import { expect, test } from "vitest";
import { array, grad, jit, type Tensor, zeros } from "./index.ts";

test("a function compiles once for each combination of shapes", async () => {
  let traces = 0;
  const twice = jit((x: Tensor) => {
    traces++;
    return x.mul(2);
  });
  expect((await twice(array([1, 2]))).tolist()).toEqual([2, 4]);
  expect((await twice(array([3, 4]))).tolist()).toEqual([6, 8]);
  expect((await twice(array([1, 2, 3]))).tolist()).toEqual([2, 4, 6]);
  expect(traces).toBe(2);
});

test("numbers are scalars that may change from call to call", async () => {
  const scale = jit((x: Tensor, factor: Tensor) => x.mul(factor));
  expect((await scale(array([1, 2]), 3)).tolist()).toEqual([3, 6]);
  expect((await scale(array([1, 2]), 4)).tolist()).toEqual([4, 8]);
});

test("arguments and constants come back as they are", async () => {
  const x = array([1, 2]);
  const same = jit((t: Tensor) => ({ t, zero: zeros([2]) }));
  const result = await same(x);
  expect(result.t.tolist()).toEqual([1, 2]);
  expect(result.zero.tolist()).toEqual([0, 0]);
});

test("a tensor kept beyond its trace is named with its owner", async () => {
  let kept: Tensor | undefined;
  const keep = jit((x: Tensor) => {
    kept = x;
    return x.add(1);
  });
  await keep(array([1]));
  const use = jit((x: Tensor) => x.add(kept as Tensor));
  await expect(use(array([1]))).rejects.toThrow(/traced by jit is used outside that call/);
});

test("branching on a tensor says what to do instead", async () => {
  const branch = jit((x: Tensor) => (Number(x) > 0 ? x : x.neg()));
  await expect(branch(array(1))).rejects.toThrow(/no value while a function is traced.*where/s);
});

test("errors end with the caller's line", () => {
  expect(() => grad((x: Tensor) => x.add(array([1, 2, 3])).sum())(array([1, 2]))).toThrow(
    /add: shapes \[2\] and \[3\] do not broadcast\n {4}at .*jit\.test\.ts:\d+/,
  );
});
