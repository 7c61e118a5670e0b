/** Where a run is made, for its report. Browsers say little of their machine, and nothing is guessed. */
import type { RunEnvironment } from "@etude/papers";
import manifest from "../../../package.json" with { type: "json" };

/** What a browser says of itself. */
export interface BrowserFacts {
  readonly userAgent: string;
  readonly platform: string;
  readonly cores: number;
}

/** @param device as reports name it: "wasm, 4 threads" */
export function browserEnvironment(
  { userAgent, platform, cores }: BrowserFacts,
  device: string,
): RunEnvironment {
  return {
    etude: manifest.version,
    runtime: `${browserName(userAgent)}, ONNX Runtime Web`,
    platform: platform === "" ? "unknown" : platform.slice(0, 200),
    processor: "unknown",
    cores,
    device,
  };
}

export const browserFacts = (): BrowserFacts => ({
  userAgent: navigator.userAgent,
  platform: navigator.platform,
  cores: navigator.hardwareConcurrency,
});

/** Each browser names the ones it descends from as well, so the youngest comes first. */
const browsers: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdg(?:A|iOS)?\/(\d+)/, "Edge"],
  [/\bOPR\/(\d+)/, "Opera"],
  [/\bSamsungBrowser\/(\d+)/, "Samsung Internet"],
  [/\b(?:Firefox|FxiOS)\/(\d+)/, "Firefox"],
  [/\b(?:Headless)?(?:Chrome|CriOS)\/(\d+)/, "Chromium"],
  [/\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//, "Safari"],
];

/** @example browserName(navigator.userAgent) // "Firefox 151" */
export function browserName(userAgent: string): string {
  for (const [pattern, name] of browsers) {
    const found = pattern.exec(userAgent);
    if (found !== null) return `${name} ${found[1]}`;
  }
  return "an unknown browser";
}
