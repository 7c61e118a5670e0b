import { expect, it } from "vitest";
import { finish } from "../contract/events.ts";
import { memoryStore } from "../run/steps.ts";
import { planVerify, verify } from "../run/verify.ts";
import { testSurroundings, verified } from "../testing.ts";
import { paper } from "./paper.ts";

it("runs from end to end; theorems hold at any scale, and a stopped run ends with the same report", async () => {
  const whole = await verified(paper, "smoke");
  for (const { samples } of whole.claims) expect(samples.every(Number.isFinite)).toBe(true);
  const judged = Object.fromEntries(whole.claims.map(({ id, samples }) => [id, samples]));
  expect(Math.max(...judged["certified-optimum"])).toBeLessThan(1e-9);
  expect(Math.min(...judged["nothing-below"])).toBeGreaterThan(-1e-8);
  expect(Math.max(...judged["factorisations-agree"])).toBeLessThan(1e-8);
  expect(Math.max(...judged["bound-holds"])).toBeLessThan(1e-12);

  const store = memoryStore();
  const stop = new AbortController();
  const plan = planVerify(paper.experiment, { preset: "smoke", seeds: [0] });
  const surroundings = testSurroundings({ store });
  const interrupted = verify(paper, plan, { ...surroundings, signal: stop.signal });
  await expect(
    (async () => {
      for await (const event of interrupted)
        if (event.type === "progress" && event.label.includes("block coordinate")) stop.abort();
    })(),
  ).rejects.toThrow();
  const resumed = await finish(verify(paper, plan, surroundings));
  expect(JSON.parse(JSON.stringify(resumed.results[0]))).toEqual(whole.results[0]);
});
