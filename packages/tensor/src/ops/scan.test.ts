import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { scanCases } from "../testing/scan-cases.ts";
import "../methods.ts";

describe("loops", () => {
  for (const c of scanCases) test(c.name, () => checkCase(c));
});
