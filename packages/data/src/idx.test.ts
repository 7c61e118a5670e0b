import { gzipSync } from "fflate";
import { expect, describe as group, test } from "vitest";
import { parseCifar10, parseCifar100 } from "./cifar.ts";
import { idxDataset, parseIdx, parseIdxValues } from "./idx.ts";

const idx = (type: number, shape: readonly number[], values: readonly number[]) => {
  const header = [0, 0, type, shape.length];
  for (const length of shape) header.push(length >> 24, length >> 16, length >> 8, length & 255);
  return Uint8Array.from([...header, ...values]);
};

group("IDX", () => {
  test("every type of value, most significant byte first", async () => {
    const read = async (type: number, values: number[], n: number) => {
      const { dtype, data } = await parseIdx(idx(type, [n], values));
      return [dtype, ...data];
    };
    expect(await read(0x08, [0, 255], 2)).toEqual(["int32", 0, 255]);
    expect(await read(0x09, [0x80, 1], 2)).toEqual(["int32", -128, 1]);
    expect(await read(0x0b, [0xff, 0xfe, 1, 0], 2)).toEqual(["int32", -2, 256]);
    expect(await read(0x0c, [0xff, 0xff, 0xff, 0xfe], 1)).toEqual(["int32", -2]);
    expect(await read(0x0d, [0x3f, 0xc0, 0, 0], 1)).toEqual(["float32", 1.5]);
    expect(await read(0x0e, [0x3f, 0xb9, 0x99, 0x99, 0x99, 0x99, 0x99, 0x9a], 1)).toEqual([
      "float64",
      0.1,
    ]);
  });

  test("pixels become numbers from 0 to 1 of one channel, gzipped or not", async () => {
    const images = idx(8, [2, 1, 3], [0, 51, 255, 102, 0, 0]);
    const labels = idx(8, [2], [1, 0]);
    const classes = ["a", "b"];
    const data = await idxDataset({ images: gzipSync(images), labels, name: "two", classes });
    expect(data.inputs.shape).toEqual([2, 1, 1, 3]);
    expect(data.inputs.data).toEqual(Float32Array.of(0, 0.2, 1, 0.4, 0, 0));
    expect(data.targets.data).toEqual(Int32Array.of(1, 0));
    expect((await parseIdxValues(images)).values).toBeInstanceOf(Uint8Array);
  });

  test.each<[string, Uint8Array, string]>([
    [
      "wrong magic",
      Uint8Array.of(0x50, 0x4b, 3, 4),
      "x: this is no IDX file: it begins with 50 4b 03 04, not 00 00, a type (08, 09, 0b to 0e) and a number of axes",
    ],
    ["empty", new Uint8Array(0), "x: this is no IDX file: it begins with nothing, not"],
    ["unknown type", idx(7, [1], [0]), "x: this is no IDX file: it begins with 00 00 07 01"],
    [
      "cut within the header",
      idx(8, [2, 2], []).subarray(0, 9),
      "x: the file is cut short: 12 bytes expected, 9 found",
    ],
    [
      "cut within the values",
      idx(11, [60000, 2], [0, 0]),
      "x: the file is cut short: 240,012 bytes expected, 14 found",
    ],
    ["too long", idx(8, [1], [0, 0]), "x: more follows the values: 9 bytes expected, 10 found"],
    [
      "gzip cut short",
      gzipSync(idx(8, [1], [0])).subarray(0, 20),
      "x: the gzip data are damaged, cut short",
    ],
  ])("%s", async (_, bytes, message) => {
    await expect(parseIdx(bytes, "x")).rejects.toThrow(message);
  });

  test("images and labels have to fit together", async () => {
    const images = idx(8, [2, 1, 1], [0, 0]);
    const join = (i: Uint8Array, labels: Uint8Array, classes?: string[]) =>
      idxDataset({ images: i, labels, name: "two", ...(classes && { classes }) });
    await expect(join(idx(8, [2], [0, 0]), images)).rejects.toThrow(
      "two images: images are bytes [n, height, width]; this file holds [2]",
    );
    await expect(join(images, idx(8, [3], [0, 0, 0]))).rejects.toThrow(
      "two: 2 inputs, but targets are int32 [3]",
    );
    await expect(join(images, idx(8, [2], [0, 2]), ["a", "b"])).rejects.toThrow(
      "two: example 1 has class 2, but classes are 0 to 1",
    );
  });
});

group("CIFAR", () => {
  const record = (labels: readonly number[]) => [
    ...labels,
    ...Array.from({ length: 3072 }, (_, i) => (i < 1024 ? 255 : i < 2048 ? 51 : 0)),
  ];

  test("records of ten classes: all red bytes, then green, then blue", async () => {
    const bytes = gzipSync(Uint8Array.from([...record([3]), ...record([9])]));
    const { inputs, targets, classes = [] } = await parseCifar10(bytes);
    expect(inputs.shape).toEqual([2, 3, 32, 32]);
    const one = (offset: number) => [0, 1024, 2048].map((c) => inputs.data[offset + c + 7]);
    expect(one(0)).toEqual([1, Math.fround(0.2), 0]);
    expect(one(3072)).toEqual(one(0));
    expect([...targets.data].map((label) => classes[label])).toEqual(["cat", "truck"]);
  });

  test("records of a hundred classes in twenty groups", async () => {
    const bytes = Uint8Array.from([...record([11, 19]), ...record([1, 99 - 67])]);
    const named = async (labels: "fine" | "coarse") => {
      const { targets, classes = [] } = await parseCifar100(bytes, "c", { labels });
      return [classes.length, ...[...targets.data].map((label) => classes[label])];
    };
    expect(await named("fine")).toEqual([100, "cattle", "flatfish"]);
    expect(await named("coarse")).toEqual([20, "large omnivores and herbivores", "fish"]);
  });

  test("errors", async () => {
    const short = Uint8Array.from(record([0])).subarray(0, 3000);
    await expect(parseCifar10(short, "x.bin")).rejects.toThrow(
      "x.bin: records have 3,073 bytes, so 3,073 expected, 3,000 found; the file is cut short or no such file",
    );
    await expect(parseCifar100(Uint8Array.from(record([0])), "x.bin")).rejects.toThrow(
      "x.bin: records have 3,074 bytes, so 3,074 expected, 3,073 found",
    );
    await expect(parseCifar10(Uint8Array.from(record([10])), "x.bin")).rejects.toThrow(
      "x.bin: record 0 has label 10, but there are 10 classes; this is another kind of file",
    );
    await expect(parseCifar10(new Uint8Array(0), "x.bin")).rejects.toThrow(
      "3,073 expected, 0 found",
    );
  });
});
