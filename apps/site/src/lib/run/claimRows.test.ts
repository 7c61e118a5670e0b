import type { JudgedClaim } from "@etude/papers";
import { expect, test } from "vitest";
import { claimRows } from "./claimRows.ts";

const claim = (id: string, mean: number): JudgedClaim => ({
  id,
  statement: `${id} is large`,
  paper: "large",
  bar: { atLeast: 0 },
  samples: [mean - 1, mean + 1],
  mean,
  interval: [mean - 2, mean + 2],
  verdict: "holds",
});

test("claims stand beside those of the same name, on one scale", () => {
  const rows = claimRows([claim("a", 10), claim("b", 0)], [claim("a", 20)], []);
  expect(rows.map(({ claim, here, recorded }) => [claim.id, here?.mean, recorded?.mean])).toEqual([
    ["a", 10, 20],
    ["b", 0, undefined],
  ]);
  const [low, high] = rows[0].ends ?? [0, 0];
  expect(low).toBeLessThanOrEqual(0); // the bar
  expect(high).toBeGreaterThanOrEqual(22);
});

test("without a run, recorded claims are shown, else announced ones", () => {
  const announced = [{ id: "a", statement: "", paper: "", bar: { atMost: 1 } }];
  const [row, ...others] = claimRows([], [claim("c", 1)], announced);
  expect(row).toMatchObject({ claim: { id: "c" }, here: undefined, recorded: { mean: 1 } });
  expect(others).toEqual([]);
  expect(claimRows([], [], announced)[0].ends).toBeUndefined();
});
