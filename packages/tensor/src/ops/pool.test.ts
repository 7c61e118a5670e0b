import { describe, test } from "vitest";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import { pools } from "../testing/tables.ts";
import "../methods.ts";

setThreads(1);

describe("pooling and patches", () => {
  for (const c of pools) test(c.name, () => checkCase(c));
});
