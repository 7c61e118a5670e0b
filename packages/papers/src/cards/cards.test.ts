import { describe, expect, it } from "vitest";
import { card, cards, isTopic, similar, topics } from "./index.ts";
import { editDistance, nearestSlugs } from "./nearest.ts";
import { similarCards } from "./similarity.ts";

const slugs = [
  "adadagrad",
  "adaptive-guidance",
  "alignprop",
  "batch-size-learning-rates",
  "bo-rep",
  "coherent-gradients",
  "comp-sum-losses",
  "convex-relu",
  "data-diet",
  "dataset-condensation",
  "dataset-distillation",
  "deep-conjugate-direction",
  "deep-learning-theory",
  "diffroar",
  "diffusion-optimization",
  "double-descent",
  "excelformer",
  "gbnn",
  "geometry-adaptive-denoisers",
  "hessian-alignment",
  "in-context-gradient-descent",
  "infinite-classifiers",
  "learned-proximal-networks",
  "local-function-approximation",
  "lv-hba",
  "network-to-network",
  "odice",
  "opposing-signals",
  "optimistic-mirror-descent",
  "plug-and-play-generation",
  "reste",
  "schedule-refinement",
  "score-estimation",
  "tract",
  "unsupervised-pretraining",
];

/** Ends of sentences: a full stop before a space or the end, so that "86.75%" is none. */
const sentences = (text: string) => text.match(/[.!?](?=\s|$)/g)?.length ?? 0;
const wordCount = (text: string) => text.split(/\s+/).length;

describe("the cards", () => {
  it("are exactly the thirty-five papers, each once, sorted by title", () => {
    expect(cards.map(({ slug }) => slug).sort()).toEqual(slugs);
    expect(new Set(cards.map(({ title }) => title)).size).toBe(slugs.length);
    const titles = cards.map(({ title }) => title.replace(/[^\p{L}\p{N}]/gu, "").toLowerCase());
    expect(titles).toEqual([...titles].sort());
  });

  it("name each author once, first name first", () => {
    for (const { slug, authors } of cards) {
      expect(authors.length, slug).toBeGreaterThan(0);
      expect(new Set(authors).size, slug).toBe(authors.length);
      for (const author of authors)
        expect(author, slug).toMatch(/^\p{Lu}[\p{L}.'-]*( [\p{L}.'-]+)+$/u);
    }
  });

  it("carry well-formed and unique identifiers", () => {
    for (const { slug, arxiv, doi, code, year } of cards) {
      // Since 2007: year and month, then four or, since 2015, five digits.
      if (arxiv !== undefined) expect(arxiv, slug).toMatch(/^\d{2}(0[1-9]|1[0-2])\.\d{5}$/);
      if (doi !== undefined) expect(doi, slug).toMatch(/^10\.\d{4,}\/\S+$/);
      if (code !== undefined)
        expect(code, slug).toMatch(/^https:\/\/github\.com\/[\w.-]+\/[\w.-]+$/);
      expect(year, slug).toBeGreaterThanOrEqual(arxiv ? 2000 + Number(arxiv.slice(0, 2)) : 2000);
    }
    const identifiers = cards.flatMap(({ arxiv }) => arxiv ?? []);
    expect(new Set(identifiers).size).toBe(identifiers.length);
  });

  it("summarise in two sentences and say the rest in one", () => {
    for (const { slug, summary, claim, uses, verifies } of cards) {
      expect(sentences(summary), slug).toBe(2);
      expect(wordCount(summary), slug).toBeGreaterThanOrEqual(25);
      expect(wordCount(summary), slug).toBeLessThanOrEqual(70);
      for (const text of [claim, uses, verifies]) {
        expect(sentences(text), `${slug}: ${text}`).toBe(1);
        expect(text.endsWith("."), slug).toBe(true);
      }
    }
  });

  it("use topics of the closed list, and leave none of them unused or without company", () => {
    for (const { slug, topics: chosen } of cards) {
      expect(chosen.length, slug).toBeGreaterThanOrEqual(2);
      expect(new Set(chosen).size, slug).toBe(chosen.length);
      for (const topic of chosen) expect(isTopic(topic), `${slug}: ${topic}`).toBe(true);
    }
    for (const topic of Object.keys(topics)) {
      const holders = cards.filter(({ topics: chosen }) => chosen.some((each) => each === topic));
      expect(holders.length, topic).toBeGreaterThanOrEqual(3);
    }
    expect(isTopic("toString")).toBe(false);
  });
});

describe("card", () => {
  it("finds every paper by its slug", () => {
    for (const slug of slugs) expect(card(slug).slug).toBe(slug);
  });

  it("answers an unknown slug with the nearest ones", () => {
    expect(() => card("gbn")).toThrow(/no paper is called "gbn"; the nearest are gbnn, /);
    expect(() => card("data-deit")).toThrow(/nearest are data-diet/);
    expect(() => card("denoiser")).toThrow(/nearest are geometry-adaptive-denoisers/);
    expect(() => card("toString")).toThrow(/no paper is called/);
  });
});

describe("similar", () => {
  it("gives every paper five others, the same at each call", () => {
    for (const slug of slugs) {
      const others = similar(slug, 5).map((other) => other.slug);
      expect(new Set(others).size, slug).toBe(5);
      expect(others, slug).not.toContain(slug);
      expect(similar(slug, 5).map((other) => other.slug)).toEqual(others);
      expect(similar(slug, 2).map((other) => other.slug)).toEqual(others.slice(0, 2));
    }
  });

  it("does not depend on the order of the cards", () => {
    for (const each of cards) {
      const ranking = (all: typeof cards) =>
        similarCards(each, all).map((other) => other.card.slug);
      expect(ranking([...cards].reverse())).toEqual(ranking(cards));
    }
  });

  it("is symmetric, and finds the pairs a reader would name", () => {
    const cosine = (a: string, b: string) =>
      similarCards(card(a), cards).find((other) => other.card.slug === b)?.cosine ?? 0;
    for (const [a, b] of [
      ["dataset-condensation", "dataset-distillation"],
      ["bo-rep", "lv-hba"],
      ["adadagrad", "batch-size-learning-rates"],
      ["diffroar", "local-function-approximation"],
      ["diffusion-optimization", "score-estimation"],
    ]) {
      expect(cosine(a, b)).toBeCloseTo(cosine(b, a), 12);
      expect(cosine(a, b)).toBeLessThan(1);
      expect(
        similar(a, 4).map((other) => other.slug),
        a,
      ).toContain(b);
    }
  });

  it("refuses what cannot be a count, and an unknown paper", () => {
    expect(similar("gbnn", 0)).toEqual([]);
    expect(similar("gbnn", 1000).length).toBeLessThan(slugs.length);
    expect(() => similar("gbnn", -1)).toThrow(/whole number of at least 0, not -1/);
    expect(() => similar("gbnn", 1.5)).toThrow(/not 1.5/);
    expect(() => similar("gbm", 3)).toThrow(/nearest are gbnn/);
  });
});

describe("edit distance", () => {
  it("counts insertions, deletions and replacements", () => {
    expect(editDistance("kitten", "sitting")).toBe(3);
    expect(editDistance("", "reste")).toBe(5);
    expect(editDistance("tract", "")).toBe(5);
    expect(editDistance("odice", "odice")).toBe(0);
    expect(editDistance("gbnn", "gbn")).toBe(editDistance("gbn", "gbnn"));
  });

  it("ranks whole slugs and their parts, ties by the alphabet", () => {
    expect(nearestSlugs(" LV-HBA ", slugs, 1)).toEqual(["lv-hba"]);
    expect(nearestSlugs("dataset", slugs, 2)).toEqual([
      "dataset-condensation",
      "dataset-distillation",
    ]);
    expect(nearestSlugs("x", ["b", "a"], 5)).toEqual(["a", "b"]);
  });
});
