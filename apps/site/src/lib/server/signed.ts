/** Values that come back from a browser and must not have been changed there. */
import { createHmac, timingSafeEqual } from "node:crypto";

const signature = (purpose: string, value: string, secret: Uint8Array): Buffer =>
  createHmac("sha256", secret).update(`${purpose}\n${value}`).digest();

/** `value.signature`; a value signed for one purpose does not serve another. */
export const sign = (purpose: string, value: string, secret: Uint8Array): string =>
  `${value}.${signature(purpose, value, secret).toString("base64url")}`;

/** The value, if it was signed with this secret for this purpose. */
export function unsign(purpose: string, signed: string, secret: Uint8Array): string | undefined {
  const cut = signed.lastIndexOf(".");
  if (cut < 0) return undefined;
  const value = signed.slice(0, cut);
  const given = Buffer.from(signed.slice(cut + 1), "base64url");
  const right = signature(purpose, value, secret);
  return given.length === right.length && timingSafeEqual(given, right) ? value : undefined;
}
