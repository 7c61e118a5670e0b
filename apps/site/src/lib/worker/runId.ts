/** The name of a run: the same whenever the same is asked for again, so that it finds what is done. */
import { optionsAsJson, type VerifyPlan } from "@etude/papers";

export interface RunIdentity {
  readonly slug: string;
  readonly plan: VerifyPlan;
  /** The build of the site's code. */
  readonly code: string;
  /** With its number of threads: "wasm, 4 threads". */
  readonly device: string;
}

/** Everything that decides what a run computes, as 32 hexadecimal digits. */
export async function runId({ slug, plan, code, device }: RunIdentity): Promise<string> {
  const { preset, seeds, options } = plan;
  const sorted = Object.entries(optionsAsJson(options)).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([slug, preset, seeds, sorted, code, device]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest, 0, 16), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}
