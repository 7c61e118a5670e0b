import { expect, it } from "vitest";
import { reading } from "./reading.ts";
import { runnable } from "./registry.ts";

it.each(runnable)("%s has a method to read, and the code that belongs to it", async (slug) => {
  const { text, code } = await reading(slug);
  expect(text.length).toBeGreaterThan(1000);
  expect(text.match(/\$/g)?.length ?? 0).toBeGreaterThan(3);
  expect((text.match(/\$/g)?.length ?? 0) % 2).toBe(0);
  expect(code.length).toBeGreaterThan(2);
  for (const { source } of code) expect(source.length).toBeGreaterThan(100);
});
