/** Whose token a request carries. */
import { type TokenListing, useToken } from "@etude/store";
import { error } from "@sveltejs/kit";
import { limiter } from "./limits.ts";

/** Tokens cannot be guessed; asking for many wrong ones is stopped anyway. */
const wrong = limiter({ burst: 10, perMinute: 5 });

/**
 * Counts `uses` against the token in the header `Authorization: Bearer ...`.
 *
 * @returns undefined where the request carries none
 * @throws the answers 401 and 429
 */
export async function tokenOf(
  request: Request,
  { site, client }: App.Locals,
  uses = 1,
): Promise<TokenListing | undefined> {
  const header = request.headers.get("authorization");
  if (header === null) return undefined;
  const [, secret] = /^Bearer ([\w-]{1,200})$/.exec(header) ?? [];
  const use = secret === undefined ? unknown : await useToken(site.store, secret, new Date(), uses);
  if (use.allowed) return use.token;
  if (!wrong(client)) error(429, "too many tokens that are not good; try again later");
  if (use.reason === "quota")
    error(429, "the token's quota of this day is used up; it begins anew at midnight, UTC");
  error(401, use.reason === "expired" ? "the token has expired" : "there is no such token");
}

const unknown = { allowed: false, reason: "unknown" } as const;
