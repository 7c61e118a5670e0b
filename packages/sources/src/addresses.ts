import { quote, SourceError } from "./errors.ts";

/** Where a source is asked. */
export interface SourceAddress {
  /** The end point that takes the query, without the query. */
  readonly url: string;
  /** See `FetchRules.allowPrivate`. */
  readonly allowPrivate: readonly string[];
}

/**
 * Addresses of the sources: the public ones, or those of mirrors named by `ETUDE_ARXIV_URL` and
 * `ETUDE_DAILY_URL`.
 *
 * Who sets these variables runs this process, so a mirror may be private and without TLS; where it
 * redirects to may not.
 *
 * @throws SourceError when a variable is not an address
 */
export function sourceAddresses(environment: NodeJS.ProcessEnv = process.env): {
  arxiv: SourceAddress;
  daily: SourceAddress;
} {
  const address = (variable: string, standard: string): SourceAddress => {
    const mirror = environment[variable];
    if (mirror === undefined || mirror === "") return { url: standard, allowPrivate: [] };
    if (!URL.canParse(mirror) || !/^https?:$/.test(new URL(mirror).protocol))
      throw new SourceError(`${variable}: ${quote(mirror)} is not an http or https address`);
    return { url: mirror, allowPrivate: [new URL(mirror).origin] };
  };
  return {
    arxiv: address("ETUDE_ARXIV_URL", "https://export.arxiv.org/api/query"),
    daily: address("ETUDE_DAILY_URL", "https://huggingface.co/api/daily_papers"),
  };
}
