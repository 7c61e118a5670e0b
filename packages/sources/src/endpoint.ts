import { type SourceAddress, sourceAddresses } from "./addresses.ts";
import { type Clock, systemClock } from "./clock.ts";
import { rateLimit } from "./rateLimit.ts";
import { type RetryRules, retry } from "./retry.ts";
import { type FetchRules, safeFetch, type Validators } from "./safeFetch.ts";

export interface EndpointOptions
  extends Pick<FetchRules, "maxBytes" | "timeout" | "userAgent" | "resolve">,
    Omit<RetryRules, "clock" | "signal"> {
  /** Where to ask; by default the public address, or the mirror that the environment names. */
  readonly address?: SourceAddress;
  /** Least milliseconds between the starts of two requests. */
  readonly interval?: number;
  readonly clock?: Clock;
}

/** What an end point answered, unless it has nothing newer. */
export type Answer<T> =
  | { readonly unchanged: true }
  | { readonly unchanged: false; readonly content: T; readonly validators: Validators };

/** A source's one address, with the rate limit that all who ask it share. */
export interface Endpoint {
  /** The full address of a query. */
  urlOf(query: Readonly<Record<string, string>>): string;
  /**
   * Ask, again where that may help, and read the answer.
   *
   * @param read makes something of the text; a transient SourceError has the question asked again
   * @throws SourceError when asking again did not help; the reason of `signal` when it is aborted
   */
  ask<T>(
    url: string,
    read: (text: string, host: string) => T,
    about?: { validators?: Validators; signal?: AbortSignal },
  ): Promise<Answer<T>>;
}

/** arXiv asks for three seconds between requests, and for one connection at a time. */
export const arxivEndpoint = (options: EndpointOptions = {}): Endpoint =>
  openEndpoint(options.address ?? sourceAddresses().arxiv, {
    interval: 3_000,
    accept: ["application/atom+xml", "application/xml", "text/xml"],
    ...options,
  });

export const dailyEndpoint = (options: EndpointOptions = {}): Endpoint =>
  openEndpoint(options.address ?? sourceAddresses().daily, {
    interval: 1_000,
    accept: ["application/json"],
    ...options,
  });

let arxiv: Endpoint | undefined;
let daily: Endpoint | undefined;
/** The end points that this process shares, so that all its parts keep the sources' rates together. */
export const sharedEndpoints = {
  arxiv: (): Endpoint => (arxiv ??= arxivEndpoint()),
  daily: (): Endpoint => (daily ??= dailyEndpoint()),
};

function openEndpoint(
  { url: base, allowPrivate }: SourceAddress,
  options: EndpointOptions & { interval: number; accept: readonly string[] },
): Endpoint {
  const { interval, accept, clock = systemClock } = options;
  const { maxBytes, timeout, userAgent, resolve } = options;
  const limit = rateLimit(interval, clock);
  return {
    urlOf(query) {
      const url = new URL(base);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
      return url.href;
    },
    ask(url, read, { validators, signal } = {}) {
      const rules = { accept, maxBytes, timeout, userAgent, resolve, allowPrivate };
      const attempt = async () => {
        const fetched = await limit.run(
          () => safeFetch(url, { ...rules, validators, signal }),
          signal,
        );
        if (fetched.unchanged) return fetched;
        const content = read(fetched.text, new URL(url).host);
        return { unchanged: false as const, content, validators: fetched.validators };
      };
      return retry(attempt, { ...options, clock, signal });
    },
  };
}
