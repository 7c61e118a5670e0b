/** Compiled functions that depend on nothing but the options of a denoiser. */
import type { DenoiserOptions } from "./denoiser.ts";

/** `make`, called once for every set of options: what it compiles is compiled once. */
export function perOptions<T>(make: (options: DenoiserOptions) => T): (o: DenoiserOptions) => T {
  const made = new Map<string, T>();
  return ({ architecture, channels, blocks, imageChannels, layers }) => {
    const options = { architecture, channels, blocks, imageChannels, layers };
    const key = JSON.stringify(options);
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(options);
    made.set(key, fresh);
    return fresh;
  };
}
