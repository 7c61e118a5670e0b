import { loadPaper, planVerify } from "@etude/papers";
import { expect, test } from "vitest";
import { type RunIdentity, runId } from "./runId.ts";

test("a run has the same name whenever the same is asked for, and another one for anything else", async () => {
  const { experiment } = await loadPaper("gbnn");
  const plan = planVerify(experiment, { preset: "smoke" });
  const identity: RunIdentity = {
    slug: "gbnn",
    plan,
    code: "/worker-1.js",
    device: "wasm, 2 threads",
  };
  const turned = { ...plan, options: Object.fromEntries(Object.entries(plan.options).reverse()) };
  const id = await runId(identity);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(await runId({ ...identity, plan: turned })).toBe(id);
  const others = await Promise.all(
    [
      { ...identity, slug: "data-diet" },
      { ...identity, code: "/worker-2.js" },
      { ...identity, device: "wasm, 4 threads" },
      { ...identity, plan: planVerify(experiment, { preset: "smoke", seeds: [1] }) },
      { ...identity, plan: planVerify(experiment, { preset: "smoke", set: { units: 10 } }) },
    ].map(runId),
  );
  expect(new Set([id, ...others]).size).toBe(6);
});
