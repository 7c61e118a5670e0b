import { expect, test } from "vitest";
import { sourceAddresses } from "./addresses.ts";

test("without anything said, the public addresses, and nothing private", () => {
  for (const environment of [{}, { ETUDE_ARXIV_URL: "", ETUDE_DAILY_URL: "" }]) {
    expect(sourceAddresses(environment)).toEqual({
      arxiv: { url: "https://export.arxiv.org/api/query", allowPrivate: [] },
      daily: { url: "https://huggingface.co/api/daily_papers", allowPrivate: [] },
    });
  }
});

test("a mirror that the environment names may be private, and only it", () => {
  const url = "http://127.0.0.1:8080/api/query";
  const { arxiv, daily } = sourceAddresses({ ETUDE_ARXIV_URL: url });
  expect(arxiv).toEqual({ url, allowPrivate: ["http://127.0.0.1:8080"] });
  expect(daily.allowPrivate).toEqual([]);
});

test.each([["localhost"], ["file:///tmp/feed.xml"]])("%s is not an address", (url) =>
  expect(() => sourceAddresses({ ETUDE_DAILY_URL: url })).toThrow(
    `ETUDE_DAILY_URL: "${url}" is not an http or https address`,
  ),
);
