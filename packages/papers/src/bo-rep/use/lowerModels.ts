/** The lower model of penalties and of cleaning: linear, or a recurrent net over the words of a text. */
import { type DenseParams, dense } from "@etude/learn";
import { random, type Tensor } from "@etude/tensor";
import { UsageError } from "../../contract/errors.ts";
import { type Arrays, compiled } from "../bilevel/index.ts";
import type { Logits } from "../classification.ts";
import {
  bagOfWords,
  encodeText,
  initTextEncoder,
  linearHead,
  type TextEncoder,
} from "../networks.ts";
import type { Material } from "./material.ts";
import type { UseOptions } from "./options.ts";

export interface LowerModel<Y> {
  readonly y: Arrays<Y>;
  readonly logits: Logits<Y>;
  /** The weights that penalties are for, [inputs, ...]; a single penalty is for all leaves. */
  readonly weights: (y: Y) => Tensor;
}

export type RecurrentClassifier = { encoder: TextEncoder; head: DenseParams };

export async function linearModel(material: Material): Promise<LowerModel<DenseParams>> {
  const { inputNames, classes, kind } = material;
  return {
    y: await compiled(() => linearHead(inputNames.length, classes.length))(),
    logits: kind === "text" ? bagOfWords : dense,
    weights: ({ weight }) => weight,
  };
}

/** @throws UsageError for a table, which is no sequence */
export async function recurrentModel(
  material: Material,
  { width, units, layers }: UseOptions,
  seed: number,
): Promise<LowerModel<RecurrentClassifier>> {
  const { inputNames, classes, kind } = material;
  if (kind !== "text")
    throw new UsageError("--classifier recurrent reads texts; name a column of texts with --text");
  const symbols = inputNames.length;
  const init = (key: Tensor): RecurrentClassifier => ({
    encoder: initTextEncoder(key, { symbols, width, units, layers }),
    head: linearHead(units, classes.length),
  });
  return {
    y: await compiled(init)(random.key(seed)),
    logits: ({ encoder, head }, inputs) => dense(head, encodeText(encoder, inputs)),
    weights: ({ encoder }) => encoder.words,
  };
}
