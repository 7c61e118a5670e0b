import { expect, it } from "vitest";
import { forgetReads, remembered } from "./remembered.ts";

it("reads once, again when the time is over, and after a write", async () => {
  let [now, reads] = [0, 0];
  const read = remembered(
    5,
    (key: string) => key,
    async (key) => `${key}${++reads}`,
    () => now,
  );
  expect([await read("a"), await read("a"), await read("b")]).toEqual(["a1", "a1", "b2"]);
  now = 5000;
  expect(await read("a")).toBe("a3");
  forgetReads();
  expect(await read("a")).toBe("a4");
});

it("does not keep failures", async () => {
  let reads = 0;
  const read = remembered(
    5,
    () => "",
    async () => {
      reads += 1;
      if (reads === 1) throw new Error("once");
      return reads;
    },
  );
  await expect(read(0)).rejects.toThrow("once");
  expect(await read(0)).toBe(2);
});
