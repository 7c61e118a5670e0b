/**
 * The workloads in jax-js, on its default device. Arrays are counted references there: a function
 * consumes its arguments, and `.ref` keeps one for another use.
 */
import { timed } from "../program.ts";

export function jaxjsWorkloads(jax) {
  const { lax, nn, numpy: np, tree } = jax;

  const dense = (x, weight, bias) => np.matmul(x, weight).add(bias);

  const crossEntropy = (logits, labels) => {
    const classes = logits.shape.at(-1);
    const chosen = nn.logSoftmax(logits).mul(nn.oneHot(labels, classes));
    return chosen.sum(-1).mean().mul(-1);
  };

  function classifier(p, { x, y }) {
    const hidden = nn.relu(dense(nn.relu(dense(x, p.w1, p.b1)), p.w2, p.b2));
    return crossEntropy(dense(hidden, p.w3, p.b3), y);
  }

  function tiny(p, { x, y }) {
    const hidden = np.tanh(dense(np.tanh(dense(x, p.w1, p.b1)), p.w2, p.b2));
    return np.square(dense(hidden, p.w3, p.b3).sub(y)).mean();
  }

  function cnn(p, { x, y }) {
    const block = (input, kernel, bias) => {
      const convolved = lax.convGeneralDilated(input, kernel, [1, 1], "SAME");
      const active = nn.relu(convolved.add(bias.reshape([-1, 1, 1])));
      return lax.reduceWindow(active, np.max, [2, 2], [2, 2]);
    };
    const features = block(block(x, p.k1, p.b1), p.k2, p.b2);
    return crossEntropy(dense(features.reshape([features.shape[0], -1]), p.w, p.b), y);
  }

  function transformer(p, { sequence }) {
    const heads = 4;
    const layers = Object.keys(p).filter((name) => name.endsWith(".qkvWeight")).length;
    const [batch, length] = [sequence.shape[0], sequence.shape[1] - 1];
    const width = p.embedding.shape[1];
    const norm = (x, scale, shift) =>
      nn.standardize(x, -1, { epsilon: 1e-5 }).mul(scale).add(shift);
    const attention = (x, q) => {
      const qkv = dense(x, q("qkvWeight"), q("qkvBias"));
      const parts = qkv.reshape([batch, length, 3, heads, width / heads]);
      const query = parts.ref.slice([], [], 0);
      const key = parts.ref.slice([], [], 1);
      const value = parts.slice([], [], 2);
      const mixed = nn.dotProductAttention(query, key, value, { isCausal: true });
      return dense(mixed.reshape([batch, length, width]), q("outWeight"), q("outBias"));
    };
    const input = sequence.ref.slice([], [0, length]);
    const following = sequence.slice([], [1, length + 1]);
    // A product with one-hot rows: jax-js itself has no gradient of a gather.
    let x = np.matmul(nn.oneHot(input, p.embedding.shape[0]), p.embedding).add(p.position);
    for (let i = 0; i < layers; i++) {
      const q = (name) => p[`layer${i}.${name}`];
      x = x.ref.add(attention(norm(x, q("scale1"), q("shift1")), q));
      const up = dense(norm(x.ref, q("scale2"), q("shift2")), q("upWeight"), q("upBias"));
      const down = dense(nn.gelu(up, { approximate: false }), q("downWeight"), q("downBias"));
      x = x.add(down);
    }
    return crossEntropy(dense(norm(x, p.scale, p.shift), p.headWeight, p.headBias), following);
  }

  function lstm(p, { x, target }) {
    const [steps, batch] = x.shape;
    const width = p.recurrent.shape[0];
    const driven = dense(x, p.input, p.bias);
    // There is no scan: the loop is written out.
    let [hidden, cell] = [np.zeros([batch, width]), np.zeros([batch, width])];
    for (let t = 0; t < steps; t++) {
      const drive = driven.ref.slice(t).add(np.matmul(hidden, p.recurrent.ref));
      const [i, f, g, o] = np.split(drive, 4, 1);
      const next = nn
        .sigmoid(f)
        .mul(cell)
        .add(nn.sigmoid(i).mul(np.tanh(g)));
      hidden = nn.sigmoid(o).mul(np.tanh(next.ref));
      cell = next;
    }
    cell.dispose();
    driven.dispose();
    p.recurrent.dispose();
    return np.square(hidden.sub(target)).mean();
  }

  const descent = ({ learningRate }) => ({
    init: () => ({}),
    update: ({ parameters }, gradient) => ({
      parameters: tree.map((p, g) => p.sub(g.mul(learningRate)), parameters, gradient),
    }),
  });

  const momentum = ({ learningRate, momentum: factor }) => ({
    init: (p) => ({ velocity: tree.map((leaf) => np.zeros(leaf.shape), p) }),
    update: (state, gradient) => {
      const velocity = tree.map((v, g) => v.mul(factor).add(g), state.velocity, gradient);
      const parameters = tree.map(
        (p, v) => p.sub(v.mul(learningRate)),
        state.parameters,
        tree.ref(velocity),
      );
      return { parameters, velocity };
    },
  });

  const adam = ({ learningRate, firstDecay, secondDecay, epsilon }) => ({
    init: (p) => ({
      first: tree.map((leaf) => np.zeros(leaf.shape), p),
      second: tree.map((leaf) => np.zeros(leaf.shape), p),
      power: { first: np.array(1), second: np.array(1) },
    }),
    update: (state, gradient) => {
      const first = tree.map(
        (m, g) => m.mul(firstDecay).add(g.mul(1 - firstDecay)),
        state.first,
        tree.ref(gradient),
      );
      const second = tree.map(
        (v, g) => v.mul(secondDecay).add(np.square(g).mul(1 - secondDecay)),
        state.second,
        gradient,
      );
      const power = {
        first: state.power.first.mul(firstDecay),
        second: state.power.second.mul(secondDecay),
      };
      const rate = np.reciprocal(power.first.ref.mul(-1).add(1)).mul(learningRate);
      const scale = np.reciprocal(np.sqrt(power.second.ref.mul(-1).add(1)));
      const parameters = tree.map(
        (p, m, v) => p.sub(m.mul(rate.ref).div(np.sqrt(v).mul(scale.ref).add(epsilon))),
        state.parameters,
        tree.ref(first),
        tree.ref(second),
      );
      tree.dispose([rate, scale]);
      return { parameters, first, second, power };
    },
  });

  const training = (loss, optimiser) => (inputs) => {
    const { init, update } = optimiser(inputs.settings);
    const step = (state, data) => {
      const [value, gradient] = jax.valueAndGrad(loss)(tree.ref(state.parameters), data);
      return [update(state, gradient), { loss: value }];
    };
    return program(step, (p) => ({ parameters: p, ...init(p) }), inputs);
  };

  const computation = (compute) => (inputs) =>
    program(
      (state, data) => [{}, compute(state, data)],
      (p) => p,
      inputs,
      true,
    );

  function program(step, init, inputs, constantState = false) {
    const arrays = (values) =>
      Object.fromEntries(
        Object.entries(values).map(([name, { data, shape, dtype }]) => [
          name,
          np.array(data.slice(), { shape, dtype: np[dtype] }),
        ]),
      );
    const jitted = jax.jit(step);
    const data = arrays(inputs.data);
    const start = init(arrays(inputs.parameters));
    let state = tree.ref(start);
    let result;
    return {
      async step() {
        if (result !== undefined) tree.dispose(result);
        const [next, value] = jitted(constantState ? tree.ref(state) : state, tree.ref(data));
        if (!constantState) state = next;
        result = value;
        await jax.blockUntilReady([state, result]);
      },
      result: async () => {
        const entries = Object.entries(result).map(async ([name, value]) => [
          name,
          await value.ref.data(),
        ]);
        return Object.fromEntries(await Promise.all(entries));
      },
      async compile() {
        const fresh = jax.jit((s, d) => step(s, d));
        const call = async () => {
          const outputs = fresh(tree.ref(start), tree.ref(data));
          await jax.blockUntilReady(outputs);
          tree.dispose(outputs);
        };
        const first = await timed(call);
        const milliseconds = first - (await timed(call));
        fresh.dispose();
        return milliseconds;
      },
    };
  }

  return {
    matmul: computation((p, { a, b }) => {
      tree.dispose(p);
      return { product: np.matmul(a, b) };
    }),
    mlp: training(classifier, momentum),
    tiny: training(tiny, descent),
    cnn: training(cnn, momentum),
    transformer: training(transformer, adam),
    lstm: training(lstm, descent),
    "per-example": computation((p, { x, y }) => {
      const single = (q, image, label) => classifier(q, { x: image, y: label });
      return jax.vmap(jax.grad(single), [null, 0, 0])(p, x, y);
    }),
    hvp: computation((p, { x, y, ...direction }) => {
      const v = Object.fromEntries(Object.keys(p).map((name) => [name, direction[`v.${name}`]]));
      const gradient = (q) => jax.grad(classifier)(q, { x: x.ref, y: y.ref });
      const [value, product] = jax.jvp(gradient, [p], [v]);
      tree.dispose([value, x, y]);
      return product;
    }),
  };
}
