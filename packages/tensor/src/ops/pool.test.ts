import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { pools } from "../testing/tables.ts";
import "../methods.ts";

describe("pooling and patches", () => {
  for (const c of pools) test(c.name, () => checkCase(c));
});
