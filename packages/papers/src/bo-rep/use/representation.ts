/** Hyper-representation: an encoder learnt so that a linear head fitted to it does well on other rows. */
import { writeNpz } from "@etude/data";
import { type DenseParams, dense } from "@etude/learn";
import { array, random, type Tensor } from "@etude/tensor";
import { compiled } from "../bilevel/index.ts";
import { lifted } from "../bilevel/trees.ts";
import { representationProblem } from "../classification.ts";
import {
  type DenseEncoder,
  encodeDense,
  encodeText,
  initDenseEncoder,
  initTextEncoder,
  linearHead,
  type TextEncoder,
} from "../networks.ts";
import type { Case } from "./compare.ts";
import { type Material, partOf } from "./material.ts";
import type { UseOptions } from "./options.ts";
import type { Learnt, Task } from "./task.ts";

type Encoder<X> = {
  readonly init: (key: Tensor) => X;
  readonly encode: (x: X, inputs: Tensor) => Tensor;
};

export const textRepresentation = (material: Material, options: UseOptions, seed: number) => {
  const { width, units, layers } = options;
  const symbols = material.inputNames.length;
  return representation<TextEncoder>(material, options, seed, {
    init: (key) => initTextEncoder(key, { symbols, width, units, layers }),
    encode: encodeText,
  });
};

export const tableRepresentation = (material: Material, options: UseOptions, seed: number) => {
  const { units, layers } = options;
  const sizes = [material.inputNames.length, ...new Array<number>(layers).fill(units)];
  return representation<DenseEncoder>(material, options, seed, {
    init: (key) => initDenseEncoder(key, sizes),
    encode: encodeDense,
  });
};

async function representation<X>(
  material: Material,
  { ridge, units }: UseOptions,
  seed: number,
  { init, encode }: Encoder<X>,
): Promise<Task<X, DenseParams>> {
  const [lower, upper, test] = [material.lower, material.upper, material.test].map((rows) =>
    partOf(material, rows),
  );
  const given: Case<X, DenseParams> = {
    problem: representationProblem({ lower, upper }, encode, dense, ridge),
    x: await compiled(init)(random.key(seed)),
    y: await compiled(() => linearHead(units, material.classes.length))(),
    model: (x, y, inputs) => dense(y, encode(x, inputs)),
    lower,
    upper,
    test,
    stepSizes: [0.003, 0.01, 0.03, 0.1],
    baselineRates: [0.1, 0.3, 1, 3],
  };
  return {
    given,
    async learnt(x): Promise<Learnt> {
      const { labels, inputs } = material.all;
      const features = await compiled(encode)(x, inputs);
      return {
        files: [
          {
            name: "representation.npz",
            describe: `features [rows, ${units}] of all rows, with their labels and lines`,
            bytes: writeNpz({ features, labels, rows: array(material.places) }),
          },
        ],
        tables: [],
        figures: [],
        findings: [],
        outputs: {
          names: ["representation"],
          of: (inputs) => [encode(lifted<X>(x), inputs)],
        },
      };
    },
  };
}
