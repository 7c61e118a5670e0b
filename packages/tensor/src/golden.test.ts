import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  array,
  eye,
  grad,
  hvp,
  jit,
  linalg,
  type NDArray,
  ones,
  scan,
  type Tensor,
  tril,
  valueAndGrad,
  vmap,
  where,
} from "./index.ts";

interface Values {
  readonly shape: number[];
  readonly data: number[];
}
type Named<T> = Record<string, T>;

/** A loss at a point, with derivatives in the parameters. */
interface Model {
  readonly parameters: Named<Values>;
  readonly data: Named<Values>;
  readonly direction: Named<Values>;
  readonly value: Values;
  readonly gradient: Named<Values>;
  readonly hessianVector: Named<Values>;
}

interface Matched {
  readonly value: Values;
  readonly gradient: Named<Values>;
}

/** Made by `golden/make_models.py`, in float64. */
interface Golden {
  readonly mlp: Model;
  readonly cnn: Model;
  readonly transformer: Model;
  readonly lstm: Model;
  readonly ridge: Model;
  readonly perExample: Named<Values>;
  readonly matching: {
    readonly parameters: Named<Values>;
    readonly synthetic: Named<Values>;
    readonly target: Named<Values>;
    readonly squared: Matched;
    readonly cosine: Matched;
  };
}

const golden: Golden = JSON.parse(
  readFileSync(new URL("../golden/models.json", import.meta.url), "utf8"),
);

type Float = "float32" | "float64";

/** Largest error in units of the largest entry of an array. Golden numbers have nine digits. */
const tolerance: Record<Float, number> = { float32: 1e-4, float64: 1e-8 };

const integers = new Set(["y", "sequence"]);

const arraysOf = (values: Named<Values>, dtype: Float, fixed = new Set<string>()) =>
  Object.fromEntries(
    Object.entries(values).map(([name, { shape, data }]): [string, NDArray] => [
      name,
      array(data, { shape, dtype: fixed.has(name) ? "int32" : dtype }),
    ]),
  );

/** Names of the arrays that are off, and how much. */
function errors(got: Named<NDArray>, expected: Named<Values>, dtype: Float): string[] {
  return Object.entries(expected).flatMap(([name, { shape, data }]) => {
    const have = got[name];
    if (`${have.shape}` !== `${shape}`) return [`${name}: shape ${have.shape}, not ${shape}`];
    const largest = Math.max(...data.map(Math.abs));
    const worst = Math.max(...data.map((want, i) => Math.abs(have.data[i] - want)));
    return worst <= tolerance[dtype] * largest ? [] : [`${name}: off by ${worst} of ${largest}`];
  });
}

type Loss = (parameters: Named<Tensor>, data: Named<Tensor>) => Tensor;

async function checkModel(
  { parameters, data, direction, value, gradient, hessianVector }: Model,
  loss: Loss,
  dtype: Float,
  fixed?: Set<string>,
): Promise<void> {
  const derivatives = jit((p: Named<Tensor>, d: Named<Tensor>, v: Named<Tensor>) => {
    const [loss0, first] = valueAndGrad(loss)(p, d);
    return { value: { loss: loss0 }, first, second: hvp(loss)(p, v, d) };
  });
  const got = await derivatives(
    arraysOf(parameters, dtype),
    arraysOf(data, dtype, fixed),
    arraysOf(direction, dtype),
  );
  expect(errors(got.value, { loss: value }, dtype)).toEqual([]);
  expect(errors(got.first, gradient, dtype)).toEqual([]);
  expect(errors(got.second, hessianVector, dtype)).toEqual([]);
}

const crossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  logits.logSoftmax().takeAlongAxis(labels.expandDims(-1)).mean().neg();

const mlp: Loss = (p, { x, y }) => {
  const hidden = x.matmul(p.w1).add(p.b1).relu().matmul(p.w2).add(p.b2).tanh();
  return crossEntropy(hidden.matmul(p.w3).add(p.b3), y);
};

/** A bias for each channel of [N, C, H, W]. */
const perChannel = (bias: Tensor): Tensor => bias.reshape([-1, 1, 1]);

const cnn: Loss = (p, { x, y }) => {
  const first = x.conv(p.k1, { padding: "same" }).add(perChannel(p.b1)).relu().maxPool(2);
  const second = first.conv(p.k2, { padding: "same" }).add(perChannel(p.b2)).softplus().avgPool(2);
  return crossEntropy(second.reshape([x.shape[0], -1]).matmul(p.w).add(p.b), y);
};

const [width, heads] = [8, 2];

function attention(x: Tensor, p: (name: string) => Tensor): Tensor {
  const [batch, tokens] = x.shape;
  const size = width / heads;
  const qkv = x.matmul(p("qkvWeight")).add(p("qkvBias")).reshape([batch, tokens, 3, heads, size]);
  const [query, key, value] = qkv.transpose([2, 0, 3, 1, 4]).unstack();
  const scores = query.matmul(key.swapAxes(-1, -2)).mul(size ** -0.5);
  const visible = tril(ones([tokens, tokens])).greater(0);
  const mixed = where(visible, scores, -1e9).softmax().matmul(value);
  return mixed
    .transpose([0, 2, 1, 3])
    .reshape([batch, tokens, width])
    .matmul(p("outWeight"))
    .add(p("outBias"));
}

const transformer: Loss = (p, { sequence }) => {
  const length = sequence.shape[1];
  const following = sequence.slice(null, [1]);
  let x = p.embedding.gather(sequence.slice(null, [0, length - 1])).add(p.position);
  for (const layer of ["layer0", "layer1"]) {
    const q = (name: string) => p[`${layer}.${name}`];
    x = x.add(attention(x.layerNorm({ scale: q("scale1"), bias: q("shift1") }), q));
    const normal = x.layerNorm({ scale: q("scale2"), bias: q("shift2") });
    const up = normal.matmul(q("upWeight")).add(q("upBias")).gelu();
    x = x.add(up.matmul(q("downWeight")).add(q("downBias")));
  }
  const last = x.layerNorm({ scale: p.scale, bias: p.shift });
  return crossEntropy(last.matmul(p.headWeight).add(p.headBias), following);
};

const lstm: Loss = (p, { x, target }) => {
  const [last, states] = scan(
    ({ hidden, cell }, entry) => {
      const gates = entry.matmul(p.input).add(hidden.matmul(p.recurrent)).add(p.bias);
      const [i, f, g, o] = gates.split(4, 1);
      const next = f.sigmoid().mul(cell).add(i.sigmoid().mul(g.tanh()));
      const shown = o.sigmoid().mul(next.tanh());
      return [{ hidden: shown, cell: next }, shown];
    },
    { hidden: p.hidden, cell: p.cell },
    x,
  );
  const error = last.hidden.sub(target);
  return error.mul(error).mean().add(states.sin().mean());
};

const ridge: Loss = ({ x, strength }, { y, otherX, otherY }) => {
  const penalty = strength.mul(eye(x.shape[1]).astype(x.dtype));
  const factor = linalg.cholesky(x.transpose().matmul(x).add(penalty));
  const halfway = linalg.triangularSolve(factor, x.transpose().matmul(y), { lower: true });
  const weights = linalg.triangularSolve(factor, halfway, { lower: true, transpose: true });
  const error = otherX.matmul(weights).sub(otherY);
  return error.mul(error).mean();
};

describe.each<Float>(["float32", "float64"])("derivatives agree with JAX in %s", (dtype) => {
  test("a perceptron", () => checkModel(golden.mlp, mlp, dtype, integers));

  test("a convolutional network with pooling", () => checkModel(golden.cnn, cnn, dtype, integers));

  test("a transformer", () => checkModel(golden.transformer, transformer, dtype, integers));

  test("an LSTM through scan", () => checkModel(golden.lstm, lstm, dtype));

  test("ridge regression solved by its Cholesky factor", () =>
    checkModel(golden.ridge, ridge, dtype));

  test("gradients of single examples", async () => {
    const single = (p: Named<Tensor>, x: Tensor, y: Tensor) => mlp(p, { x, y });
    const gradients = jit(vmap(grad(single), { inAxes: [null, 0, 0] }));
    const { x, y } = arraysOf(golden.mlp.data, dtype, integers);
    const got = await gradients(arraysOf(golden.mlp.parameters, dtype), x, y);
    expect(errors(got, golden.perExample, dtype)).toEqual([]);
  });

  test("gradient matching, in the inputs: the derivative of a gradient through convolutions", async () => {
    const { parameters, synthetic, target, squared, cosine } = golden.matching;
    const instanceNorm = (x: Tensor) => x.layerNorm({ axis: 2 });
    const network = (p: Named<Tensor>, x: Tensor): Tensor => {
      const first = instanceNorm(x.conv(p.k1, { padding: "same" }).add(perChannel(p.b1)));
      const pooled = first.relu().avgPool(2);
      const second = pooled.conv(p.k2, { padding: "same", stride: 2 }).add(perChannel(p.b2));
      const features = instanceNorm(second).sigmoid().maxPool(2).reshape([x.shape[0], -1]);
      return features.matmul(p.w).add(p.b);
    };
    const softLoss = (p: Named<Tensor>, x: Tensor, labels: Tensor) =>
      labels.softmax().mul(network(p, x).logSoftmax()).sum(-1).mean().neg();

    const squaredDistance = (a: Tensor, b: Tensor) => a.sub(b).mul(a.sub(b)).sum();
    const cosineDistance = (a: Tensor, b: Tensor) => {
      const norms = a.mul(a).sum().mul(b.mul(b).sum()).add(1e-12).sqrt();
      return a.mul(b).sum().div(norms).neg().add(1);
    };
    const matching =
      (p: Named<Tensor>, theirs: Named<Tensor>, distance: typeof squaredDistance) =>
      ({ x, labels }: Named<Tensor>) => {
        const ours = grad(softLoss)(p, x, labels);
        return Object.keys(ours)
          .map((name) => distance(ours[name], theirs[name]))
          .reduce((sum, layer) => sum.add(layer));
      };
    const run = jit((p: Named<Tensor>, theirs: Named<Tensor>, s: Named<Tensor>) =>
      [squaredDistance, cosineDistance].map((distance) => {
        const [value, gradient] = valueAndGrad(matching(p, theirs, distance))(s);
        return { value: { value }, gradient };
      }),
    );
    const got = await run(
      arraysOf(parameters, dtype),
      arraysOf(target, dtype),
      arraysOf(synthetic, dtype),
    );
    for (const [i, expected] of [squared, cosine].entries()) {
      expect(errors(got[i].value, { value: expected.value }, dtype)).toEqual([]);
      expect(errors(got[i].gradient, expected.gradient, dtype)).toEqual([]);
    }
  });
});
