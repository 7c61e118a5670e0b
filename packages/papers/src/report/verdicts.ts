/** Verdicts in words and signs, so that nobody needs to see a colour. */
import { limits } from "../contract/bar.ts";
import type { JudgedClaim, Verdict } from "../contract/claim.ts";
import { formatNumber } from "./numbers.ts";

export const verdictSign: Readonly<Record<Verdict, string>> = {
  holds: "✓",
  "does not hold here": "✗",
  inconclusive: "?",
};

/** All verdicts in a sentence: "3 claims hold, 1 is inconclusive". */
export function verdictsInWords(claims: readonly JudgedClaim[]): string {
  const count = (verdict: Verdict) => claims.filter((claim) => claim.verdict === verdict).length;
  const holds = count("holds");
  const fails = count("does not hold here");
  const open = count("inconclusive");
  if (claims.length === 0) return "no claim is decided";
  if (holds === claims.length) return holds === 1 ? "the claim holds" : `all ${holds} claims hold`;
  const parts = [
    ...(holds > 0 ? [`${holds} of ${claims.length} claims ${holds === 1 ? "holds" : "hold"}`] : []),
    ...(fails > 0 ? [`${fails} ${fails === 1 ? "does" : "do"} not hold here`] : []),
    ...(open > 0 ? [`${open} ${open === 1 ? "is" : "are"} inconclusive`] : []),
  ];
  return parts.join(", ");
}

/** Limits of a line that shows the seeds, the interval and the bar of a claim; undefined without numbers. */
export function stripLimits(claim: JudgedClaim): readonly [low: number, high: number] | undefined {
  const values = [...claim.samples, ...(claim.interval ?? [])].filter(Number.isFinite);
  if (values.length === 0) return undefined;
  const all = [...values, ...limits(claim.bar).filter(Number.isFinite)];
  const low = all.reduce((least, value) => Math.min(least, value));
  const high = all.reduce((most, value) => Math.max(most, value));
  const margin = high > low ? (high - low) * 0.1 : Math.max(Math.abs(high) * 0.1, 1e-9);
  return [low - margin, high + margin];
}

/** The samples for those who cannot see the strip: "3 seeds: 0.91, 0.93, 0.92". */
export const samplesInWords = ({ samples }: JudgedClaim): string =>
  `${samples.length} ${samples.length === 1 ? "seed" : "seeds"}: ${samples
    .slice(0, 50)
    .map((sample) => formatNumber(sample))
    .join(", ")}${samples.length > 50 ? ", …" : ""}`;
