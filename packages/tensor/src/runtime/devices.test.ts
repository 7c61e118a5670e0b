import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { devices, jit, setDefaultDevice, setThreads, type Tensor } from "../index.ts";
import { browserExpected } from "../testing/browser.ts";
import { type OpenPage, openPage } from "./fixtures/chromium.ts";
import { trainingLosses } from "./fixtures/training.ts";
import "./fixtures/page.types.ts";

/** Losses agree to 1e-4 at every step. */
function expectSameLosses(losses: readonly number[], reference: readonly number[]): void {
  expect(losses).toHaveLength(reference.length);
  losses.forEach((loss, i) => {
    expect(Math.abs(loss - reference[i])).toBeLessThan(1e-4);
  });
}

test("the same training step gives the same losses on cpu and on WebAssembly in Node", async () => {
  const reference = await trainingLosses("cpu");
  expect(reference.at(-1)).toBeLessThan(reference[0]);
  expectSameLosses(await trainingLosses("wasm"), reference);
});

test("the same training step gives the same bits when it runs again", async () => {
  expect(await trainingLosses("cpu")).toEqual(await trainingLosses("cpu"));
});

test("a device that is not there is named, with those that are", () => {
  const present = devices()
    .map((device) => `"${device}"`)
    .join(", ");
  // No build of ONNX Runtime for Node and none for browsers bundles this one without being asked to.
  expect(() => setDefaultDevice("cuda")).toThrow(
    `device "cuda" is not available here; there is ${present}`,
  );
  expect(() => jit((x: Tensor) => x, { device: "cuda" })).toThrow(/not available here/);
  expect(() => setThreads(0)).toThrow(/setThreads: 0 is not a positive integer/);
});

describe.runIf(browserExpected)("in headless Chromium", () => {
  let opened: OpenPage;

  beforeAll(async () => {
    opened = await openPage();
  });
  afterAll(() => opened?.close());

  test("the same training step gives the same losses on WebAssembly", async () => {
    const reference = await trainingLosses("cpu");
    const { losses, isolated } = await opened.page.evaluate(async () => ({
      losses: await window.etude.trainingLosses("wasm"),
      isolated: globalThis.crossOriginIsolated,
    }));
    expect(isolated).toBe(true);
    expectSameLosses(losses, reference);
  });

  test("the page offers WebAssembly first", async () => {
    expect((await opened.page.evaluate(() => window.etude.devices()))[0]).toBe("wasm");
  });
});
