/**
 * The links in mails. Each carries whom it is for, when it ends, and a signature made with that
 * subscriber's own secret, so that one subscriber's links can be revoked by giving a new secret, and
 * nothing has to be stored for a link.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { day } from "./clock.ts";

/** What a link allows. Only the signature tells purposes apart: no link serves another's purpose. */
export type Purpose = "confirm" | "manage" | "unsubscribe";

/**
 * How long links last, in milliseconds. Confirming is for a mail just received; ending a subscription
 * must work from any mail ever sent.
 */
export const lifetimes: Readonly<Record<Purpose, number>> = {
  confirm: 3 * day,
  manage: 366 * day,
  unsubscribe: 3660 * day,
};

/** Whose link it is. */
export interface Holder {
  readonly id: number;
  readonly secret: Uint8Array;
}

export interface Token {
  readonly subscriber: number;
  /** Seconds since 1970. */
  readonly expires: number;
  readonly signature: Uint8Array;
}

export type Validity = "valid" | "expired" | "invalid";

/** A token that serves `purpose` from `issued` on, for the lifetime of such links. */
export function signToken(purpose: Purpose, holder: Holder, issued: Date): string {
  const expires = Math.floor((issued.getTime() + lifetimes[purpose]) / 1000);
  const mac = sign(purpose, holder.id, expires, holder.secret).toString("base64url");
  return `${holder.id}.${expires}.${mac}`;
}

/** Of PostgreSQL's integers. */
const largestId = 2 ** 31 - 1;

/** The parts of a token, nothing of which is trusted yet; undefined when it is not shaped like one. */
export function readToken(token: string): Token | undefined {
  const parts = /^([1-9]\d{0,9})\.([1-9]\d{0,11})\.([\w-]{43})$/.exec(token);
  if (parts === null || Number(parts[1]) > largestId) return undefined;
  return {
    subscriber: Number(parts[1]),
    expires: Number(parts[2]),
    signature: Buffer.from(parts[3], "base64url"),
  };
}

/** Whether a token serves a purpose now. Says "expired" only of one that was valid. */
export function checkToken(token: Token, purpose: Purpose, holder: Holder, now: Date): Validity {
  const expected = sign(purpose, token.subscriber, token.expires, holder.secret);
  const ours = token.subscriber === holder.id && timingSafeEqual(token.signature, expected);
  if (!ours) return "invalid";
  return now.getTime() < token.expires * 1000 ? "valid" : "expired";
}

function sign(purpose: Purpose, id: number, expires: number, secret: Uint8Array): Buffer {
  return createHmac("sha256", secret)
    .update(`etude link 1\n${purpose}\n${id}\n${expires}`)
    .digest();
}

/** Where a token leads. These paths are the site's routes `/subscribe/<purpose>/<token>`. */
export const linkUrl = (site: URL, purpose: Purpose, token: string): URL =>
  siteUrl(site, `/subscribe/${purpose}/${token}`);

/** A page of the site, which may live below a path. The origin is the site's, whatever the path says. */
export function siteUrl(site: URL, path: string): URL {
  return new URL(`${site.origin}${site.pathname.replace(/\/$/, "")}/${path.replace(/^\//, "")}`);
}
