import { cards } from "@etude/papers/cards";
import { describe, expect, test } from "vitest";
import { topicsOf } from "./topics.ts";

describe("topicsOf", () => {
  test("takes what the title names, or the abstract twice", () => {
    expect(topicsOf("Adam: A Method for Stochastic Gradient Descent", "")).toEqual([
      "optimisation",
    ]);
    expect(topicsOf("A Study", "We use tabular data.")).toEqual([]);
    expect(topicsOf("A Study", "Tabular data, and other tabular data.")).toEqual(["tabular"]);
  });

  test("gives three at most, most often named first", () => {
    const abstract = "Reinforcement learning. ".repeat(5);
    const title =
      "Offline Reinforcement Learning for Diffusion Models under Learning Rates and SGD";
    const found = topicsOf(title, abstract);
    expect(found).toHaveLength(3);
    expect(found[0]).toBe("reinforcement-learning");
  });

  test("of the cards' topics it finds a third, and few that are not theirs", () => {
    let found = 0;
    let right = 0;
    for (const { title, summary, claim, topics } of cards) {
      const guesses = topicsOf(title, `${summary} ${claim}`);
      found += guesses.length;
      right += guesses.filter((topic) => topics.includes(topic)).length;
    }
    const all = cards.reduce((sum, { topics }) => sum + topics.length, 0);
    expect(right / found).toBeGreaterThan(0.8);
    expect(right / all).toBeGreaterThan(1 / 3);
  });

  test("long texts of one letter take no long time", () => {
    expect(topicsOf("a".repeat(1000), "bi-".repeat(6000) + " ".repeat(2000))).toEqual([]);
  });
});
