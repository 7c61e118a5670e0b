/** The workloads in TensorFlow.js, on whichever backend is set: eager operations and its own optimisers. */
export function tfjsWorkloads(tf) {
  const dense = (x, weight, bias) => tf.add(tf.matMul(x, weight), bias);

  function crossEntropy(logits, labels) {
    const chosen = tf.mul(tf.logSoftmax(logits), tf.oneHot(labels, logits.shape.at(-1)));
    return tf.neg(tf.mean(tf.sum(chosen, -1)));
  }

  function classifier(p, { x, y }) {
    const hidden = tf.relu(dense(tf.relu(dense(x, p.w1, p.b1)), p.w2, p.b2));
    return crossEntropy(dense(hidden, p.w3, p.b3), y);
  }

  function tiny(p, { x, y }) {
    const hidden = tf.tanh(dense(tf.tanh(dense(x, p.w1, p.b1)), p.w2, p.b2));
    return tf.mean(tf.square(tf.sub(dense(hidden, p.w3, p.b3), y)));
  }

  /** Images are [N, H, W, C] here and kernels [H, W, C, O]. */
  function cnn(p, { x, y }) {
    const block = (input, kernel, bias) => {
      const convolved = tf.conv2d(input, tf.transpose(kernel, [2, 3, 1, 0]), 1, "same");
      return tf.maxPool(tf.relu(tf.add(convolved, bias)), 2, 2, "valid");
    };
    const image = tf.transpose(x, [0, 2, 3, 1]);
    const features = tf.transpose(block(block(image, p.k1, p.b1), p.k2, p.b2), [0, 3, 1, 2]);
    return crossEntropy(dense(tf.reshape(features, [x.shape[0], -1]), p.w, p.b), y);
  }

  function transformer(p, { sequence }) {
    const heads = 4;
    const layers = Object.keys(p).filter((name) => name.endsWith(".qkvWeight")).length;
    const [batch, length] = [sequence.shape[0], sequence.shape[1] - 1];
    const width = p.embedding.shape[1];
    const rows = batch * length;
    const size = width / heads;
    const norm = (x, scale, shift) => {
      const { mean, variance } = tf.moments(x, -1, true);
      const normal = tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5)));
      return tf.add(tf.mul(normal, scale), shift);
    };
    const hidden = tf.sub(1, tf.linalg.bandPart(tf.ones([length, length]), -1, 0));
    const mask = tf.mul(hidden, -1e9);
    const attention = (x, q) => {
      const qkv = dense(x, q("qkvWeight"), q("qkvBias"));
      const parts = tf.transpose(tf.reshape(qkv, [batch, length, 3, heads, size]), [2, 0, 3, 1, 4]);
      const [query, key, value] = tf.unstack(tf.reshape(parts, [3, batch * heads, length, size]));
      const scores = tf.mul(tf.matMul(query, key, false, true), size ** -0.5);
      const mixed = tf.matMul(tf.softmax(tf.add(scores, mask)), value);
      const joined = tf.transpose(tf.reshape(mixed, [batch, heads, length, size]), [0, 2, 1, 3]);
      return dense(tf.reshape(joined, [rows, width]), q("outWeight"), q("outBias"));
    };
    const gelu = (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
    const input = tf.slice(sequence, [0, 0], [batch, length]);
    const following = tf.slice(sequence, [0, 1], [batch, length]);
    // A product with one-hot rows: the backend has no kernel for the gradient of a gather.
    const chosen = tf.oneHot(tf.reshape(input, [rows]), p.embedding.shape[0]);
    const embedded = tf.reshape(tf.matMul(chosen, p.embedding), [batch, length, width]);
    let x = tf.reshape(tf.add(embedded, p.position), [rows, width]);
    for (let i = 0; i < layers; i++) {
      const q = (name) => p[`layer${i}.${name}`];
      x = tf.add(x, attention(norm(x, q("scale1"), q("shift1")), q));
      const up = dense(norm(x, q("scale2"), q("shift2")), q("upWeight"), q("upBias"));
      x = tf.add(x, dense(gelu(up), q("downWeight"), q("downBias")));
    }
    const logits = dense(norm(x, p.scale, p.shift), p.headWeight, p.headBias);
    return crossEntropy(logits, tf.reshape(following, [rows]));
  }

  function lstm(p, { x, target }) {
    const [steps, batch, features] = x.shape;
    const width = p.recurrent.shape[0];
    const driven = dense(tf.reshape(x, [steps * batch, features]), p.input, p.bias);
    const drives = tf.unstack(tf.reshape(driven, [steps, batch, 4 * width]));
    let [hidden, cell] = [tf.zeros([batch, width]), tf.zeros([batch, width])];
    for (const drive of drives) {
      const [i, f, g, o] = tf.split(tf.add(drive, tf.matMul(hidden, p.recurrent)), 4, 1);
      cell = tf.add(tf.mul(tf.sigmoid(f), cell), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      hidden = tf.mul(tf.sigmoid(o), tf.tanh(cell));
    }
    return tf.mean(tf.square(tf.sub(hidden, target)));
  }

  const tensors = (values) =>
    Object.fromEntries(
      Object.entries(values).map(([name, { data, shape, dtype }]) => [
        name,
        tf.tensor(data, shape, dtype),
      ]),
    );

  const sgd = ({ learningRate }) => tf.train.sgd(learningRate);
  const momentum = ({ learningRate, momentum: factor }) => tf.train.momentum(learningRate, factor);
  const adam = ({ learningRate, firstDecay, secondDecay, epsilon }) =>
    tf.train.adam(learningRate, firstDecay, secondDecay, epsilon);

  const training = (loss, optimiser) => (inputs) => {
    const p = Object.fromEntries(
      Object.entries(tensors(inputs.parameters)).map(([name, value]) => [name, tf.variable(value)]),
    );
    const data = tensors(inputs.data);
    const update = optimiser(inputs.settings);
    let last;
    return {
      step() {
        last?.dispose();
        last = update.minimize(() => loss(p, data), true);
      },
      finish: () => last.data(),
      result: async () => ({ loss: await last.data() }),
    };
  };

  const computation = (compute) => (inputs) => {
    const [p, data] = [tensors(inputs.parameters), tensors(inputs.data)];
    let last;
    return {
      step() {
        if (last !== undefined) tf.dispose(last);
        last = tf.tidy(() => compute(p, data));
      },
      finish: () => Promise.all(Object.values(last).map((value) => value.data())),
      result: async () => {
        const entries = Object.entries(last).map(async ([name, value]) => [
          name,
          await value.data(),
        ]);
        return Object.fromEntries(await Promise.all(entries));
      },
    };
  };

  const unable = (reason) => () => {
    throw new Error(reason);
  };

  return {
    matmul: computation((_, { a, b }) => ({ product: tf.matMul(a, b) })),
    mlp: training(classifier, momentum),
    tiny: training(tiny, sgd),
    cnn: training(cnn, momentum),
    transformer: training(transformer, adam),
    lstm: training(lstm, sgd),
    "per-example": unable("the library has no vmap"),
    hvp: unable("the library loses second derivatives through exp and tanh"),
  };
}
