/** Every ONNX operator that can be imported, by name; those of other domains carry theirs. */
import type { Operators } from "../call.ts";
import { activation } from "./activation.ts";
import { attention } from "./attention.ts";
import { constants } from "./constant.ts";
import { control } from "./control.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { layout } from "./layout.ts";
import { linear } from "./linear.ts";
import { normalization } from "./normalize.ts";
import { pool } from "./pool.ts";
import { recurrence } from "./recurrent.ts";
import { reduce } from "./reduce.ts";
import { resizing } from "./resize.ts";

export const operators: Operators = {
  ...activation,
  ...attention,
  ...constants,
  ...control,
  ...elementwise,
  ...indexing,
  ...layout,
  ...linear,
  ...normalization,
  ...pool,
  ...recurrence,
  ...reduce,
  ...resizing,
};
