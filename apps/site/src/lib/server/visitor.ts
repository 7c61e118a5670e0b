/** Who votes: an unguessable name in a signed cookie, and nothing else about a person. */
import { randomBytes } from "node:crypto";
import type { Cookies } from "@sveltejs/kit";
import { sign, unsign } from "./signed.ts";

const cookie = "visitor";
const purpose = "visitor";
const oneYear = 365 * 24 * 3600;

/** The visitor of a request, if they have been here. */
export function visitorOf(cookies: Cookies, secret: Uint8Array): string | undefined {
  const given = cookies.get(cookie);
  return given === undefined ? undefined : unsign(purpose, given, secret);
}

/** The visitor of a request; a newcomer gets a name. */
export function knownVisitor(cookies: Cookies, secret: Uint8Array, secure: boolean): string {
  const before = visitorOf(cookies, secret);
  if (before !== undefined) return before;
  const name = randomBytes(16).toString("base64url");
  cookies.set(cookie, sign(purpose, name, secret), {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure,
    maxAge: oneYear,
  });
  return name;
}
