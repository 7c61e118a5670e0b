import fc from "fast-check";
import { expect, test } from "vitest";
import {
  checkToken,
  lifetimes,
  linkUrl,
  type Purpose,
  readToken,
  signToken,
  siteUrl,
} from "./links.ts";
import { anyText } from "./testing/anyText.ts";

const purposes: readonly Purpose[] = ["confirm", "manage", "unsubscribe"];
const issued = new Date("2026-11-24T07:00:00Z");
const holder = { id: 7, secret: Buffer.alloc(32, 1) };
const later = (milliseconds: number) => new Date(issued.getTime() + milliseconds);

function check(text: string, purpose: Purpose, now = issued, who = holder) {
  const token = readToken(text);
  return token === undefined ? "unreadable" : checkToken(token, purpose, who, now);
}

test("a link serves its purpose until it expires", () => {
  for (const purpose of purposes) {
    const token = signToken(purpose, holder, issued);
    expect(check(token, purpose)).toBe("valid");
    expect(check(token, purpose, later(lifetimes[purpose] - 1))).toBe("valid");
    expect(check(token, purpose, later(lifetimes[purpose]))).toBe("expired");
  }
});

test("a link serves no other purpose, no other subscriber, and no other secret", () => {
  for (const purpose of purposes) {
    const token = signToken(purpose, holder, issued);
    for (const other of purposes.filter((each) => each !== purpose)) {
      expect(check(token, other)).toBe("invalid");
      // Not even to learn that it has expired.
      expect(check(token, other, later(lifetimes.unsubscribe * 2))).toBe("invalid");
    }
    expect(check(token, purpose, issued, { ...holder, id: 8 })).toBe("invalid");
    expect(check(token, purpose, issued, { ...holder, secret: Buffer.alloc(32, 2) })).toBe(
      "invalid",
    );
  }
});

test("a token is the same for the same moment", () => {
  expect(signToken("confirm", holder, issued)).toBe(
    "7.1795762800.VV08bBSsHqYUVOzVaEETpRuTpSyQGs6EkYbIkf4kyWc",
  );
});

test("who changes any part of a token has none", () => {
  const token = signToken("manage", holder, issued);
  const [id, expires, signature] = token.split(".");
  expect(check(`8.${expires}.${signature}`, "manage", issued, { ...holder, id: 8 })).toBe(
    "invalid",
  );
  expect(check(`${id}.${Number(expires) + 1}.${signature}`, "manage")).toBe("invalid");
  for (let i = 0; i < signature.length - 1; i++) {
    const other = signature[i] === "A" ? "B" : "A";
    const changed = signature.slice(0, i) + other + signature.slice(i + 1);
    expect(check(`${id}.${expires}.${changed}`, "manage")).toBe("invalid");
  }
});

test("what is no token is unreadable", () => {
  const signature = "A".repeat(43);
  for (const text of [
    "",
    "7",
    `7.1.${"A".repeat(42)}`,
    `07.1.${signature}`,
    `2147483648.1.${signature}`,
    `-7.1.${signature}`,
    `7.1.${signature}\n`,
    `7.1.${signature.slice(1)}+`,
  ]) {
    expect(readToken(text)).toBeUndefined();
  }
  fc.assert(
    fc.property(anyText(), (text) => {
      expect(check(text, "confirm")).toBe("unreadable");
    }),
  );
});

test("links lead to the site, below its path, whatever the path of a page says", () => {
  expect(linkUrl(new URL("https://etude.example"), "confirm", "7.1.x").href).toBe(
    "https://etude.example/subscribe/confirm/7.1.x",
  );
  expect(siteUrl(new URL("https://a.example/etude/"), "/papers/gbnn").href).toBe(
    "https://a.example/etude/papers/gbnn",
  );
  const site = new URL("https://etude.example/base");
  fc.assert(
    fc.property(anyText(), (path) => {
      expect(siteUrl(site, path).origin).toBe(site.origin);
    }),
  );
  expect(siteUrl(site, "//evil.example/").host).toBe("etude.example");
  expect(siteUrl(site, "@evil.example/").host).toBe("etude.example");
});
