import { describe, test } from "vitest";
import { checkCase } from "../testing/check.ts";
import { transformCases } from "../testing/transform-cases.ts";
import "../methods.ts";

describe("transformations of transformations", () => {
  for (const c of transformCases) test(c.name, () => checkCase(c));
});
