/** All checks of a case. */

import type { Tensor } from "../graph.ts";
import { jit } from "../jit.ts";
import type { NDArray } from "../ndarray.ts";
import { checkVmap } from "./batching.ts";
import { type Case, outputsOf, referencesOf } from "./cases.ts";
import { toReference } from "./compare.ts";
import { checkDerivatives, checkValues, drawPoint } from "./derivatives.ts";
import { randomFrom } from "./random.ts";

type Other = "int32" | "uint32" | "bool";

/** A case whose float inputs are drawn as whole numbers or flags instead. */
function caseIn(c: Case, dtype: Other): Case {
  const low = dtype === "int32" ? -4 : 0;
  const high = dtype === "bool" ? 2 : 6;
  return {
    ...c,
    name: `${c.name} of ${dtype}`,
    inputs: c.inputs.map((source) =>
      source.dtype !== undefined
        ? source
        : {
            shape: source.shape,
            dtype,
            draw: (random, size) =>
              Array.from({ length: size }, () => low + Math.floor(random() * (high - low))),
          },
    ),
  };
}

/** The value alone. */
async function checkValue(c: Case, seed = 3): Promise<void> {
  const { inputs } = drawPoint(c, randomFrom(seed));
  const run = jit((given: Tensor[]) => outputsOf(c, given));
  const got = (await run([...inputs])) as NDArray[];
  checkValues(c, "", got, referencesOf(c, inputs.map(toReference)));
}

/** Values in all element types, derivatives and batches of a case, as far as it has them. */
export async function checkCase(c: Case): Promise<void> {
  await checkDerivatives(c);
  await checkVmap(c);
  for (const dtype of c.dtypes ?? []) {
    const other = caseIn(c, dtype);
    await checkValue(other);
    await checkVmap(other);
  }
}
