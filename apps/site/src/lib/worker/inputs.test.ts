import { encodePng, writeNpy, writeNpz } from "@etude/data";
import type { InputKind } from "@etude/papers";
import { array } from "@etude/tensor";
import { strToU8, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { readInput, summaryOf } from "./inputs.ts";
import type { GivenFile } from "./protocol.ts";

const given = (path: string, content: string | Uint8Array): GivenFile => ({
  path,
  file: new File([typeof content === "string" ? content : new Uint8Array(content)], path),
});
const slot = (...accepts: InputKind[]) => ({ accepts, required: true, describe: "" });
const picture = (gray: number, size = 2) =>
  encodePng({
    width: size,
    height: size,
    channels: 1,
    data: new Uint8Array(size * size).fill(gray),
  });

describe("tables", () => {
  test("are read by their endings, and summed up with their first rows", async () => {
    const csv = "area,kind\n1.5,a\n,b\n3,a\n";
    for (const file of [given("t.csv", csv), given("t.tsv", csv.replaceAll(",", "\t"))]) {
      const input = await readInput("data", slot("table"), [file]);
      expect(summaryOf("data", input)).toEqual({
        slot: "data",
        kind: "table",
        file: file.path,
        describe: "3 rows, 2 columns",
        columns: [
          { name: "area", kind: "numeric", missing: 1, distinct: 2 },
          { name: "kind", kind: "categorical", missing: 0, distinct: 2 },
        ],
        head: [
          ["1.5", "a"],
          [null, "b"],
          ["3", "a"],
        ],
      });
    }
  });

  test("that are wrong are refused with file and row", async () => {
    const reading = readInput("data", slot("table"), [given("t.csv", "a,b\n1,2\n3\n")]);
    await expect(reading).rejects.toMatchObject({ name: "DataError", file: "t.csv", row: 3 });
  });
});

test("arrays, texts and models are known by their endings, and other kinds refused", async () => {
  const values = array([1, 2, 3]);
  const npz = await readInput("data", slot("arrays"), [given("a.npz", writeNpz({ x: values }))]);
  expect(summaryOf("data", npz).describe).toBe("x [3]");
  const npy = await readInput("data", slot("arrays"), [given("a.npy", writeNpy(values))]);
  expect(summaryOf("data", npy).describe).toBe("a [3]");
  const text = await readInput("log", slot("table", "text"), [given("run.jsonl", "{}\n")]);
  expect(text).toMatchObject({ kind: "text", text: "{}\n" });
  await expect(readInput("data", slot("table"), [given("a.npy", "")])).rejects.toThrow(
    "data: a.npy: expected a table (.csv, .tsv or .parquet), got arrays (.npy or .npz)",
  );
  await expect(readInput("model", slot("model"), [given("m.onnx", "no")])).rejects.toThrow(
    "m.onnx: not a model that can be run",
  );
});

describe("pictures", () => {
  const files = [
    given("photos/dogs/1.png", picture(255)),
    given("photos/cats/2.png", picture(51)),
    given("photos/cats/.DS_Store", ""),
    given("photos/cats/1.png", picture(0)),
  ];

  test("are labelled by their folders, in the order of names, whether chosen or packed", async () => {
    const members = Object.fromEntries([
      ...["cats/1.png", "cats/2.png", "dogs/1.png"].map(
        (path, i) => [path, picture([0, 51, 255][i])] as const,
      ),
      ["__MACOSX/cats/._1.png", strToU8("no picture")],
    ]);
    for (const chosen of [files, [given("photos.zip", zipSync(members))]]) {
      const input = await readInput("data", slot("images"), chosen);
      if (input.kind !== "images") throw new Error("no images");
      const { inputs, targets, classes } = input.dataset;
      expect(inputs.shape).toEqual([3, 1, 2, 2]);
      expect(inputs.data[4]).toBeCloseTo(0.2, 6);
      expect([...targets.data]).toEqual([0, 0, 1]);
      expect(classes).toEqual(["cats", "dogs"]);
      expect(summaryOf("data", input).describe).toBe("3 pictures of 2 × 2, 2 classes");
    }
  });

  test("of other sizes, or outside of folders, are refused with their names", async () => {
    const odd = [...files, given("photos/dogs/9.png", picture(0, 3))];
    await expect(readInput("data", slot("images"), odd)).rejects.toThrow(
      "photos/dogs/9.png: the picture is 3 x 3, but photos/cats/1.png is 2 x 2",
    );
    const flat = [given("photos/1.png", picture(0))];
    await expect(readInput("data", slot("images"), flat)).rejects.toThrow(
      "in a folder of its class",
    );
  });
});
