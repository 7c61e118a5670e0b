import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAddress, parseMailbox } from "./addresses.ts";
import { ConfigurationError, RequestError } from "./errors.ts";
import { anyText } from "./testing/anyText.ts";

describe("parseAddress", () => {
  test.each([
    ["ada@example.org", "ada@example.org", "ada@example.org"],
    ["  Ada.Lovelace+Papers@EXAMPLE.org ", "Ada.Lovelace+Papers@example.org"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["ada@BÜCHER.example", "ada@xn--bcher-kva.example"],
    ["ada@例え.テスト", "ada@xn--r8jz45g.xn--zckzah"],
    ["ada@example。org", "ada@example.org"],
    ["o'brien@sub.example.co.uk", "o'brien@sub.example.co.uk"],
    [`${"a".repeat(64)}@example.org`, `${"a".repeat(64)}@example.org`],
  ])("takes %s", (given, email, key = email.toLowerCase()) => {
    expect(parseAddress(given)).toEqual({ email, key });
  });

  test.each([
    "",
    "ada",
    "@example.org",
    "ada@",
    "ada@localhost",
    "ada@example..org",
    "ada@example.org.",
    "ada@-example.org",
    "ada@127.0.0.1",
    "ada@１２７.０.０.１",
    "ada@[127.0.0.1]",
    "ada@0x7f.1",
    "ada@ex%61mple.org",
    "ada@exam_ple.org",
    "ada@ex\u202eample.org",
    ".ada@example.org",
    "ada.@example.org",
    "a..da@example.org",
    '"ada lovelace"@example.org',
    "ada lovelace@example.org",
    "ädä@example.org",
    "ada@example.org, eve@example.org",
    "ada@example.org;eve@example.org",
    "eve@example.org,ada@example.org",
    "<ada@example.org>",
    "Ada <ada@example.org>",
    "ada@example.org\r\nBcc: eve@example.org",
    "ada\n@example.org",
    "ada@example.org\n",
    "ada\0@example.org",
    "ada@exa\u00admple.org\u0000",
    "ada@eve@example.org",
    "ada(comment)@example.org",
    `${"a".repeat(65)}@example.org`,
    `ada@${"a".repeat(64)}.org`,
    `ada@${"a.".repeat(126)}org`,
    `${"a".repeat(64)}@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.org`,
  ])("refuses %j", (given) => {
    expect(() => parseAddress(given)).toThrow(RequestError);
  });

  test("refuses what is absurdly long without reading it", () => {
    expect(() => parseAddress("a".repeat(10_000_000))).toThrow(RequestError);
    expect(() => parseAddress(`${" ".repeat(1_000_000)}a`)).toThrow(RequestError);
  });

  test("says what is wrong in a sentence", () => {
    expect(() => parseAddress("ada")).toThrow(
      "This is not an address we can write to: there is no @ in it.",
    );
  });

  test("whatever it takes is one plain address, and taken again is the same", () => {
    const shape = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]+(\.[a-z0-9-]+)+$/;
    const part = fc.oneof(
      anyText(12),
      fc.string({
        unit: fc.constantFrom(...'aZ9.-_+@ü\r\n<>,;:"()[]\\ \t\0%。＠ß'),
        maxLength: 12,
      }),
    );
    fc.assert(
      fc.property(part, part, (local, domain) => {
        let address: ReturnType<typeof parseAddress>;
        try {
          address = parseAddress(`${local}@${domain}.org`);
        } catch (error) {
          expect(error).toBeInstanceOf(RequestError);
          return;
        }
        expect(address.email).toMatch(shape);
        expect(address.email.length).toBeLessThanOrEqual(254);
        expect(address.key).toBe(address.email.toLowerCase());
        expect(parseAddress(address.email)).toEqual(address);
      }),
      { numRuns: 500 },
    );
  });
});

describe("parseMailbox", () => {
  test.each([
    ["digest@etude.example", "", "digest@etude.example"],
    ["Etude <digest@etude.example>", "Etude", "digest@etude.example"],
    ['"Étude, papers" <digest@etude.example>', "Étude, papers", "digest@etude.example"],
  ])("reads %s", (text, name, address) => {
    expect(parseMailbox(text, "MAIL_FROM")).toEqual({ name, address });
  });

  test.each([
    "",
    "Etude",
    "Etude <>",
    "a <a@b.org> <c@d.org>",
    "A\nB <a@b.org>",
    "a@b.org, c@d.org",
  ])("refuses %j and names the setting", (text) => {
    expect(() => parseMailbox(text, "MAIL_FROM")).toThrow(ConfigurationError);
    expect(() => parseMailbox(text, "MAIL_FROM")).toThrow(/^MAIL_FROM: /);
  });
});
