/** The claims of a table of verdicts: here, of a recorded run, or only announced. */
import type { JudgedClaim } from "@etude/papers";
import { stripLimits } from "@etude/papers/report/verdicts";
import type { ClaimDescription } from "../worker/describe.ts";

export interface ClaimRow {
  readonly claim: ClaimDescription;
  readonly here: JudgedClaim | undefined;
  readonly recorded: JudgedClaim | undefined;
  /** Ends of the strips of both, so that they can be compared; undefined where nothing was measured. */
  readonly ends: readonly [low: number, high: number] | undefined;
}

/** One row a claim that was measured here, else that is recorded, else that is announced. */
export function claimRows(
  here: readonly JudgedClaim[],
  recorded: readonly JudgedClaim[],
  announced: readonly ClaimDescription[],
): ClaimRow[] {
  const first = [here, recorded, announced].find((claims) => claims.length > 0) ?? [];
  return first.map((claim) => {
    const byId = (claims: readonly JudgedClaim[]) => claims.find(({ id }) => id === claim.id);
    const found = { here: byId(here), recorded: byId(recorded) };
    return { claim, ...found, ends: commonEnds(found.here, found.recorded) };
  });
}

function commonEnds(...claims: readonly (JudgedClaim | undefined)[]): ClaimRow["ends"] {
  const ranges = claims.flatMap((claim) => {
    const range = claim && stripLimits(claim);
    return range === undefined ? [] : [range];
  });
  if (ranges.length === 0) return undefined;
  return [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
}
