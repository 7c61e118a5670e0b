import { expect, test } from "vitest";
import { array, jit, type NDArray, type Tensor, treeMap, valueAndGrad, zeros } from "./index.ts";

const megabyte = 2 ** 20;

test("20,000 steps of a small training loop run in flat memory", async () => {
  type Params = { w1: Tensor; b1: Tensor; w2: Tensor };
  const loss = ({ w1, b1, w2 }: Params, x: Tensor, y: Tensor) => {
    const error = x.matmul(w1).add(b1).tanh().matmul(w2).sub(y);
    return error.mul(error).mean();
  };
  const step = jit((p: Params, x: Tensor, y: Tensor) => {
    const [value, gradient] = valueAndGrad(loss)(p, x, y);
    return [treeMap((w: Tensor, g: Tensor) => w.sub(g.mul(0.05)), p, gradient), value] as const;
  });
  const wave = (shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    return array(
      Float32Array.from({ length: size }, (_, i) => 0.3 * Math.sin(i + size)),
      { shape },
    );
  };
  let params: { [K in keyof Params]: NDArray } = {
    w1: wave([8, 64]),
    b1: zeros([64]),
    w2: wave([64, 1]),
  };
  const [x, y] = [wave([64, 8]), wave([64, 1])];
  let value = zeros([]);
  const run = async (steps: number) => {
    for (let i = 0; i < steps; i++) [params, value] = await step(params, x, y);
    return process.memoryUsage.rss() / megabyte;
  };

  const early = await run(1_000);
  const late = await run(19_000);
  expect(value.item()).toBeLessThan(0.1);
  // 19,000 steps make 200 MB of parameters alone; what stays is the collector's slack.
  expect(late - early).toBeLessThan(40);
  console.info(
    `resident: ${early.toFixed(0)} MB after 1,000 steps, ${late.toFixed(0)} MB after 20,000`,
  );
});

test("sessions are let go when there are many, and compiled again when they are needed", async () => {
  let traces = 0;
  const double = jit((x: Tensor) => {
    traces++;
    return x.mul(2);
  });
  const lengths = Array.from({ length: 300 }, (_, i) => i + 1);
  for (const length of lengths) await double(zeros([length]));
  expect(traces).toBe(300);
  expect((await double(array([1]))).tolist()).toEqual([2]); // the first went first
  expect(traces).toBe(301);
  await double(zeros([300]));
  expect(traces).toBe(301);
});
