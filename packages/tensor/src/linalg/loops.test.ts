import { expect, test } from "vitest";
import { array, evaluate, grad, hvp, jit, lift, scan, type Tensor, vmap, zeros } from "../index.ts";
import { planSegments } from "../lower/segments.ts";
import { stack } from "../ops/joining.ts";
import { expectClose, toReference } from "../testing/compare.ts";
import { randomFrom } from "../testing/random.ts";
import { transposed } from "./adjoint.ts";
import { draw, positiveDefinite, regular, stackArrays } from "./cases.ts";
import { cholesky, inv, slogdet, solve, triangularSolve } from "./index.ts";

const random = randomFrom(11);
const noise = positiveDefinite(random, 3);
const covariances = stackArrays([positiveDefinite(random, 3), positiveDefinite(random, 3)]);
const dynamics = regular(random, 3);
const observations = draw(random, [5, 3]);

type State = { mean: Tensor; covariance: Tensor };

/** A Kalman filter's step: from the state and an observation to the next state and the log-likelihood. */
const filter =
  (transition: Tensor) =>
  ({ mean, covariance }: State, observation: Tensor): [State, Tensor] => {
    const spread = transition.matmul(covariance).matmul(transposed(transition)).add(noise);
    const total = spread.add(noise);
    const surprise = observation.sub(transition.matmul(mean));
    const white = triangularSolve(cholesky(total), surprise);
    const gain = transposed(solve(total, spread));
    const next = {
      mean: transition.matmul(mean).add(gain.matmul(surprise)),
      covariance: spread.sub(gain.matmul(spread)),
    };
    return [next, white.mul(white).sum().add(slogdet(total)[1]).mul(-0.5)];
  };

const initial = (covariance: Tensor): State => ({ mean: lift(zeros([3], "float64")), covariance });

function looped(transition: Tensor, xs: Tensor, covariance: Tensor, reverse: boolean) {
  const [{ mean }, likelihoods] = scan(filter(transition), initial(covariance), xs, { reverse });
  return { mean, likelihoods };
}

function unrolled(transition: Tensor, xs: Tensor, covariance: Tensor, reverse: boolean) {
  let state = initial(covariance);
  const likelihoods = new Array<Tensor>(xs.shape[0]);
  const order = [...likelihoods.keys()];
  for (const t of reverse ? order.reverse() : order) {
    [state, likelihoods[t]] = filter(transition)(state, xs.slice(t));
  }
  return { mean: state.mean, likelihoods: stack(likelihoods) };
}

test.each([false, true])(
  "a loop over host operations is its steps, reverse %s",
  async (reverse) => {
    const all = (f: typeof looped) => (transition: Tensor, xs: Tensor, covariance: Tensor) => {
      const loss = (a: Tensor, x: Tensor, c: Tensor) => {
        const { mean, likelihoods } = f(a, x, c, reverse);
        return likelihoods.sum().add(mean.mul(mean).sum());
      };
      return {
        ...f(transition, xs, covariance, reverse),
        gradient: grad(loss, { argnums: [0, 1, 2] })(transition, xs, covariance),
        second: hvp(loss)(transition, transition.mul(transition), xs, covariance),
      };
    };
    const both = jit((a: Tensor, xs: Tensor, c: Tensor) => ({
      loop: all(looped)(a, xs, c),
      steps: all(unrolled)(a, xs, c),
    }));
    const { loop, steps } = await both(dynamics, observations, array(noise));
    expectClose("mean", loop.mean, toReference(steps.mean), { whole: 1e-13 });
    expectClose("likelihoods", loop.likelihoods, toReference(steps.likelihoods), { whole: 1e-13 });
    loop.gradient.forEach((got, k) => {
      expectClose(`gradient ${k}`, got, toReference(steps.gradient[k]), { whole: 1e-12 });
    });
    expectClose("second", loop.second, toReference(steps.second), { whole: 1e-11 });
  },
);

test("vmap of such a loop is a loop over members", async () => {
  const of = (c: Tensor) => {
    const f = (x: Tensor) => looped(lift(dynamics), lift(observations), x, false).likelihoods.sum();
    return { value: f(c), gradient: grad(f)(c) };
  };
  const { together, apart } = await jit((cs: Tensor) => ({
    together: vmap(of)(cs),
    apart: [of(cs.slice(0)), of(cs.slice(1))],
  }))(covariances);
  const joined = (key: "value" | "gradient") => toReference(stackArrays(apart.map((x) => x[key])));
  expectClose("value", together.value, joined("value"), { whole: 1e-13 });
  expectClose("gradient", together.gradient, joined("gradient"), { whole: 1e-12 });
});

/** Newton's iteration for matrix square roots, `inner` of them at each of several matrices. */
const roots = (matrices: Tensor, inner: number): Tensor => {
  const root = (a: Tensor) =>
    scan((x: Tensor): [Tensor, []] => [x.add(inv(x).matmul(a)).mul(0.5), []], a, [], {
      length: inner,
    })[0];
  return scan(
    (count: Tensor, a: Tensor): [Tensor, Tensor] => [count.add(1), root(a)],
    lift(0),
    matrices,
  )[1];
};

test("loops within loops, and the derivative through both", async () => {
  const { squares, gradient } = await jit((cs: Tensor) => {
    const xs = roots(cs, 9);
    return {
      squares: xs.matmul(xs),
      gradient: grad((x: Tensor) => roots(x, 9).trace().sum())(cs),
    };
  })(covariances);
  expectClose("squares", squares, toReference(covariances), { whole: 1e-12 });
  // The derivative of trace(A^1/2) is A^-1/2 / 2.
  const expected = await evaluate(inv(roots(lift(covariances), 9)).mul(0.5));
  expectClose("gradient", gradient, toReference(expected), { whole: 1e-11 });
});

test("carries of all kinds, entries that do not change, and no steps at all", async () => {
  const run = (matrices: Tensor) =>
    scan(
      ({ count, any }: { count: Tensor; any: Tensor }, a: Tensor) => [
        { count: count.add(1), any: a.trace().greater(100).or(any) },
        { inverse: inv(a), count, two: lift(2), a },
      ],
      { count: lift(0, "int32"), any: lift(false) },
      matrices,
    );
  const matrices = array([2, 0, 0, 4, 1, 0, 0, 200], { shape: [2, 2, 2] });
  const [state, entries] = await evaluate(run(lift(matrices)));
  expect(state.count.item()).toBe(2);
  expect(state.any.tolist()).toBe(true);
  expect(entries.count.tolist()).toEqual([0, 1]);
  expect(entries.two.tolist()).toEqual([2, 2]);
  expect(entries.a.tolist()).toEqual(matrices.tolist());
  expect((await evaluate(entries.inverse)).data[7]).toBeCloseTo(0.005);

  const [still, none] = await evaluate(run(lift(zeros([0, 2, 2]))));
  expect([still.count.item(), still.any.tolist(), none.inverse.shape]).toEqual([
    0,
    false,
    [0, 2, 2],
  ]);
});

test("only the loops that need the host leave the device", () => {
  const plain = (x: Tensor) => scan((s: Tensor, y: Tensor) => [s.add(y), s], lift(0), x)[1];
  const x = lift(zeros([3, 2, 2]));
  const kinds = (output: Tensor) => planSegments([output]).map(({ kind }) => kind);
  expect(kinds(plain(x.sum([1, 2])))).toEqual(["device"]);
  expect(kinds(roots(x, 2))).toEqual(["host"]);
  expect(kinds(plain(roots(x.add(1), 2).sum([1, 2])))).toEqual(["device", "host", "device"]);
});

test("what ran before a host step is read after it, not computed again from what is gone", async () => {
  const matrix = (...entries: number[]) => array(entries, { shape: [2, 2] });
  // After the inverse, only the product is at hand to be added to, and only topK's positions.
  const f = jit((a: Tensor, b: Tensor) => {
    const [, positions] = b.topK(2);
    const product = a.matmul(b);
    return [product.add(inv(a).matmul(product)), positions.add(inv(a).astype("int32"))];
  });
  const [sum, positions] = await f(matrix(2, 0, 0, 1), matrix(1, 2, 4, 3));
  expect([...sum.data]).toEqual([3, 6, 8, 6]);
  expect([...positions.data]).toEqual([1, 0, 0, 2]);
});

test("an error inside a loop names the operation and the matrix", async () => {
  await expect(evaluate(roots(lift(zeros([1, 2, 2])), 2))).rejects.toThrow(
    /inv: the matrix is singular/,
  );
});
