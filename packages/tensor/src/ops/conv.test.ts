import { describe, test } from "vitest";
import { setThreads } from "../runtime/device.ts";
import { checkCase } from "../testing/check.ts";
import { convolutions } from "../testing/tables.ts";
import "../methods.ts";

setThreads(1);

describe("convolutions", () => {
  for (const c of convolutions) test(c.name, () => checkCase(c));
});
