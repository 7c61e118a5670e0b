import { array, type NDArray, zeros } from "@etude/tensor";
import fc from "fast-check";
import { expect, describe as group, test } from "vitest";
import { parseNpy, writeNpy } from "./npy.ts";
import { parseNpz, writeNpz } from "./npz.ts";

/** Files as NumPy 2.4.6 writes them. */
const files = {
  f4: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAMA/AAAAwAAAwH8AAIB/AAAAAI8oTjE=",
  "f8-0d":
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqamZmZmZm5Pw==",
  i4: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+/////////wAAAAABAAAAAgAAAA==",
  u4: "k05VTVBZAQB2AHsnZGVzY3InOiAnPHU0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDEpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr/////BwAAAA==",
  b1: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGIxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsIDEsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAA==",
  empty:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDAsIDMpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAo=",
  "fortran-be-f8":
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMywgNCksIH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAAAAAEAoAAAAAAAAQBAAAAAAAABAMAAAAAAAAEAgAAAAAAAAQDQAAAAAAAA/8AAAAAAAAEAqAAAAAAAAQBQAAAAAAABAMQAAAAAAAEAiAAAAAAAAQDUAAAAAAABAAAAAAAAAAEAsAAAAAAAAQBgAAAAAAABAMgAAAAAAAEAkAAAAAAAAQDYAAAAAAABACAAAAAAAAEAuAAAAAAAAQBwAAAAAAABAMwAAAAAAAEAmAAAAAAAAQDcAAAAAAAA=",
  f2: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGYyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDUsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAPAC4/3sBAAB8",
  u1: "k05VTVBZAQB2AHsnZGVzY3InOiAnfHUxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoA/wcI",
  i1: "k05VTVBZAQB2AHsnZGVzY3InOiAnfGkxJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAqAfw==",
  i2be: "k05VTVBZAQB2AHsnZGVzY3InOiAnPmkyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr+1AEs",
  u2: "k05VTVBZAQB2AHsnZGVzY3InOiAnPHUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr//w==",
  i8: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAr7/////////////38AAAAA",
  i8big:
    "k05VTVBZAQB2AHsnZGVzY3InOiAnPGk4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDIsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAAAAAAIAAAAAA",
  c8: "k05VTVBZAQB2AHsnZGVzY3InOiAnPGM4JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAAAACAPw==",
  U: "k05VTVBZAQB2AHsnZGVzY3InOiAnPFUyJywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDEsKSwgfSAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAphAAAAYgAAAA==",
  rec: "k05VTVBZAQB2AHsnZGVzY3InOiBbKCdhJywgJzxpNCcpLCAoJ2InLCAnPGY0JyldLCAnZm9ydHJhbl9vcmRlcic6IEZhbHNlLCAnc2hhcGUnOiAoMSwpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoBAAAAAAAAQA==",
  npz: "UEsDBC0AAAAIAAAAIQBM++8W//////////8FABQAeC5ucHkBABAAkAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgaGBntkDABQSwMELQAAAAgAAAAhACrQG+X//////////wUAFAB5Lm5weQEAEACEAAAAAAAAAEgAAAAAAAAAm+wX6hsQychQxlCtnpJanFykbqWgbpNpoq6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkahjqaOgq1ChQALmYGBgYAUEsBAi0DLQAAAAgAAAAhAEz77xZMAAAAkAAAAAUAAAAAAAAAAAAAAIABAAAAAHgubnB5UEsBAi0DLQAAAAgAAAAhACrQG+VIAAAAhAAAAAUAAAAAAAAAAAAAAIABgwAAAHkubnB5UEsFBgAAAAACAAIAZgAAAAIBAAAAAA==",
};

const fromBase64 = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const file = (name: keyof typeof files) => fromBase64(files[name]);
const shown = ({ dtype, shape, data }: NDArray) => ({ dtype, shape: [...shape], data: [...data] });

group("NumPy's own files", () => {
  test.each<[keyof typeof files, NDArray]>([
    [
      "f4",
      array([
        [1.5, -2, Number.NaN],
        [Infinity, 0, 3e-9],
      ]),
    ],
    ["f8-0d", array(0.1, { dtype: "float64" })],
    ["i4", array([-2, -1, 0, 1, 2], { dtype: "int32" })],
    ["u4", array([[4294967295], [7]], { dtype: "uint32" })],
    ["b1", array([[[true, false]]])],
    ["empty", zeros([0, 3])],
  ])("%s is read, and written byte for byte", (name, value) => {
    expect(shown(parseNpy(file(name)))).toEqual(shown(value));
    expect(writeNpy(value)).toEqual(file(name));
  });

  test.each<[keyof typeof files, NDArray]>([
    [
      "fortran-be-f8",
      array(
        Float64Array.from({ length: 24 }, (_, i) => i),
        { shape: [2, 3, 4] },
      ),
    ],
    ["f2", array([1, -0.5, 65504, 2 ** -24, Infinity])],
    [
      "u1",
      array(
        [
          [0, 255],
          [7, 8],
        ],
        { dtype: "int32" },
      ),
    ],
    ["i1", array([-128, 127], { dtype: "int32" })],
    ["i2be", array([-300, 300], { dtype: "int32" })],
    ["u2", array([65535], { dtype: "int32" })],
    ["i8", array([-5, 2147483647], { dtype: "int32" })],
  ])("%s is widened to a type of the engine, in row-major order", (name, value) => {
    expect(shown(parseNpy(file(name)))).toEqual(shown(value));
  });

  test("a compressed archive", () => {
    const arrays = parseNpz(file("npz"));
    expect(Object.keys(arrays)).toEqual(["x", "y"]);
    expect(shown(arrays.x)).toEqual(
      shown(
        array([
          [1, 1],
          [1, 1],
        ]),
      ),
    );
    expect(shown(arrays.y)).toEqual(shown(array([3], { dtype: "int32" })));
  });
});

const anyArray = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 }),
    dtype: fc.constantFrom("float32", "float64", "int32", "uint32", "bool"),
  })
  .chain(({ shape, dtype }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const bits = { minLength: size, maxLength: size };
    const values = {
      float32: fc.float32Array(bits),
      float64: fc.float64Array(bits),
      int32: fc.int32Array(bits),
      uint32: fc.uint32Array(bits),
      bool: fc.array(fc.integer({ min: 0, max: 1 }), bits),
    } as const;
    return fc
      .oneof<fc.Arbitrary<ArrayLike<number>>[]>(values[dtype])
      .map((data) => array(data, { shape, dtype }));
  });

test("whatever is written is read back", () => {
  fc.assert(
    fc.property(anyArray, anyArray, fc.boolean(), (a, b, compress) => {
      expect(shown(parseNpy(writeNpy(a)))).toEqual(shown(a));
      const bytes = writeNpz({ a, "b/c": b }, { compress });
      const again = parseNpz(bytes);
      expect([again.a, again["b/c"]].map(shown)).toEqual([a, b].map(shown));
      expect(writeNpz({ a, "b/c": b }, { compress })).toEqual(bytes);
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("an array may begin anywhere in a larger buffer", () => {
  const padded = new Uint8Array(file("f4").length + 3);
  padded.set(file("f4"), 3);
  expect(shown(parseNpy(padded.subarray(3)))).toEqual(shown(parseNpy(file("f4"))));
  // Node reads files into Buffers, whose `slice` is another one.
  expect(shown(parseNpy(Buffer.from(padded).subarray(3)))).toEqual(shown(parseNpy(file("f4"))));
  expect(Object.keys(parseNpz(Buffer.from(file("npz"))))).toEqual(["x", "y"]);
});

group("errors", () => {
  const longer = (bytes: Uint8Array) => Uint8Array.from([...bytes, 0]);
  const edited = (name: keyof typeof files, at: number, byte: number) => {
    const bytes = file(name);
    bytes[at] = byte;
    return bytes;
  };

  test.each<[string, Uint8Array, string]>([
    [
      "no npy",
      Uint8Array.of(1, 2, 3),
      "x.npy: this is no .npy file: it does not begin with \\x93NUMPY",
    ],
    ["version", edited("f4", 6, 9), "x.npy: version 9 of the .npy format is not known; 1 to 3 are"],
    [
      "cut header",
      file("f4").subarray(0, 60),
      "x.npy: the file is cut short within its header: 128 bytes expected, 60 found",
    ],
    [
      "cut after the magic",
      file("f4").subarray(0, 8),
      "x.npy: the file is cut short within its header",
    ],
    [
      "cut values",
      file("f4").subarray(0, 150),
      "x.npy: the file is cut short: shape [2, 3] takes 24 bytes, 22 follow the header",
    ],
    [
      "more",
      longer(file("f4")),
      "x.npy: more follows the array: shape [2, 3] takes 24 bytes, 25 follow the header",
    ],
    ["header", edited("f4", 12, 0x20), "x.npy: the header is not understood"],
    [
      "large int64",
      file("i8big"),
      "x.npy: 2147483648 at position 1 does not fit int32; save the array as float64, or as int32 if it holds labels",
    ],
    [
      "complex",
      file("c8"),
      'x.npy: the array holds complex numbers; convert it to numbers before saving it, such as array.astype("float32")',
    ],
    ["texts", file("U"), "x.npy: the array holds texts"],
    ["records", file("rec"), "x.npy: the array holds records or raw bytes"],
  ])("%s", (_, bytes, message) => {
    expect(() => parseNpy(bytes, "x.npy")).toThrow(message);
  });

  test("archives", () => {
    expect(() => parseNpz(file("f4"), "x.npz")).toThrow(
      "x.npz: this is no .npz file: it does not begin like a zip archive",
    );
    expect(() => parseNpz(file("npz").subarray(0, 100), "x.npz")).toThrow(
      "x.npz: the archive is damaged or cut short",
    );
    const bad = writeNpz({ a: array([1]) });
    bad[bad.indexOf(0x93)] = 0;
    expect(() => parseNpz(bad, "x.npz")).toThrow("x.npz/a.npy: this is no .npy file");
  });
});
