import { expect, it } from "vitest";
import { dated, excerpt, jobsInWords, people } from "./words.ts";

it("names at most three people", () => {
  expect(people(["A", "B", "C"])).toBe("A, B, C");
  expect(people(["A", "B", "C", "D", "E"])).toBe("A, B, C and 2 more");
  expect(people([])).toBe("");
});

it("cuts an abstract after a word, and leaves our summary alone", () => {
  const abstract = "word ".repeat(100);
  expect(excerpt({ summary: null, abstract })).toMatch(/^(word ){60,64}…$/);
  expect(excerpt({ summary: null, abstract: "x".repeat(500) }).length).toBeLessThan(330);
  expect(excerpt({ summary: "Ours.", abstract })).toBe("Ours.");
  expect(excerpt({ summary: null, abstract: null })).toBe("");
});

it("dates in the time of everywhere", () => {
  expect(dated(new Date("2026-01-31T23:59:59Z"))).toBe("31 January 2026");
});

it("says how jobs are getting on", () => {
  const none = { waiting: 0, running: 0, done: 0, dead: 0, cancelled: 0 };
  expect(jobsInWords({ ...none, done: 1 })).toBe("the job is done");
  expect(jobsInWords({ ...none, done: 2, running: 1, dead: 3 })).toBe(
    "2 of 6 jobs done, 1 running, 3 failed",
  );
});
