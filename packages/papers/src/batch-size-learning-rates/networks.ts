/** The networks of the experiment by name. None has batch normalisation: its statistics would couple the examples of a batch. */
import { conv, dense, initializers, mlp, resNet } from "@etude/learn";
import { random, type Tensor, type TensorLike, type TensorTree } from "@etude/tensor";
import { UsageError } from "../contract/errors.ts";
import type { Model } from "./curvature.ts";

export interface Network {
  readonly model: Model;
  init(key: TensorLike): TensorTree;
  /** float64 where the runtime has it for all of the network's operations. */
  readonly dtype: random.FloatType;
}

export interface NetworkShape {
  /** Shape of an example: [features], or [channels, height, width]. */
  readonly inputs: readonly number[];
  readonly outputs: number;
}

export const networkForm =
  "mlp-32-32 (hidden sizes, relu), mlp-16-tanh, vgg16 (no normalisation), vgg16-quarter, or resnet-20 (depth 6 n + 2, group normalisation)";

/**
 * A network by its name; weights start normal with variance 2 / inputs (tanh: 1 / inputs), biases at 0.
 *
 * @throws UsageError for a name that is none
 */
export function namedNetwork(name: string, shape: NetworkShape, dtype: random.FloatType): Network {
  const dense = /^mlp((?:-\d+)*?)(?:-(tanh|relu))?$/.exec(name);
  if (dense !== null) {
    const hidden = dense[1].split("-").filter(Boolean).map(Number);
    return multilayer(hidden, dense[2] === "tanh" ? "tanh" : "relu", shape, dtype);
  }
  if (shape.inputs.length !== 3)
    throw new UsageError(`the network ${name} takes images; for a table there are mlp-...`);
  if (name === "vgg16") return vgg(64, shape);
  if (name === "vgg16-quarter") return vgg(16, shape);
  const depth = /^resnet-(\d+)$/.exec(name)?.[1];
  if (depth !== undefined) return residual(Number(depth), shape);
  throw new UsageError(`there is no network "${name}"; give ${networkForm}`);
}

function multilayer(
  hidden: readonly number[],
  activation: "tanh" | "relu",
  { inputs, outputs }: NetworkShape,
  dtype: random.FloatType,
): Network {
  const features = inputs.reduce((product, length) => product * length, 1);
  const isTanh = activation === "tanh";
  const weight = isTanh ? initializers.lecunNormal() : initializers.heNormal();
  const act = isTanh ? (x: Tensor) => x.tanh() : (x: Tensor) => x.relu();
  const net = mlp([features, ...hidden, outputs], act, { weight, dtype });
  return {
    dtype,
    init: (key) => net.init(key) as unknown as TensorTree,
    model: (params, x) =>
      net(params as unknown as Parameters<typeof net>[0], x.reshape([x.shape[0], features])),
  };
}

/** Convolutions of each stage of VGG-16, and its channels in units of the first stage's. */
const vggStages = [
  { convolutions: 2, channels: 1 },
  { convolutions: 2, channels: 2 },
  { convolutions: 3, channels: 4 },
  { convolutions: 3, channels: 8 },
  { convolutions: 3, channels: 8 },
];

/**
 * VGG-16 for small images (Simonyan and Zisserman 2015): windows of 3, max pooling after each stage
 * while there is something to halve, one linear layer at the end.
 */
function vgg(
  width: number,
  { inputs: [channels, height, breadth], outputs }: NetworkShape,
): Network {
  type Layers = {
    convolutions: Parameters<typeof conv>[0][];
    classifier: Parameters<typeof dense>[0];
  };
  const weight = initializers.heNormal();
  const sizes = vggStages.flatMap((stage) =>
    Array.from({ length: stage.convolutions }, (_, i) => ({
      outputs: width * stage.channels,
      pooled: i === stage.convolutions - 1,
    })),
  );
  const features = (params: Layers, x: Tensor): Tensor =>
    sizes
      .reduce((y, { pooled }, i) => {
        const z = conv(params.convolutions[i], y, { padding: 1 }).relu();
        return pooled && Math.min(z.shape[2], z.shape[3]) >= 2 ? z.maxPool(2) : z;
      }, x)
      .mean([2, 3]);
  if (!(height > 0 && breadth > 0)) throw new UsageError("vgg16 takes images");
  return {
    dtype: "float32",
    init: (key) => {
      const keys = random.split(key, sizes.length + 1);
      let inputs = channels;
      const convolutions = sizes.map((size, i) => {
        const layer = conv.init(keys[i], { inputs, outputs: size.outputs, kernel: 3, weight });
        inputs = size.outputs;
        return layer;
      });
      const classifier = dense.init(keys[sizes.length], { inputs, outputs, weight });
      return { convolutions, classifier } as unknown as TensorTree;
    },
    model: (params, x) => {
      const layers = params as unknown as Layers;
      return dense(layers.classifier, features(layers, x));
    },
  };
}

function residual(depth: number, { inputs: [channels], outputs }: NetworkShape): Network {
  const net = resNet({ depth, channels, classes: outputs, norm: "group" });
  return {
    dtype: "float32",
    init: (key) => net.init(key) as unknown as TensorTree,
    model: (params, x) =>
      net(params as unknown as Parameters<typeof net>[0], net.initState(), x)[0],
  };
}
