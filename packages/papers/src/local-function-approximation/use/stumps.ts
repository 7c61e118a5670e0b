/**
 * A model for tests that ONNX Runtime runs and nobody differentiates: two decision stumps as a
 * TreeEnsembleRegressor of ai.onnx.ml 3, x [n, 2] to y [n, 1],
 *
 *     y = (x1 <= 0.5 ? 1 : 3) + (x2 <= -0.25 ? 0 : 10).
 */
const base64 = [
  "CAk6xQQKjwQKAXgSAXkiFVRyZWVFbnNlbWJsZVJlZ3Jlc3NvciocChJhZ2dyZWdhdGVfZnVuY3Rpb24iA1NVTaABAy",
  "oQCgluX3RhcmdldHMYAaABAiojChJub2Rlc19mYWxzZW5vZGVpZHNAAkAAQABAAkAAQACgAQcqIQoQbm9kZXNfZmVh",
  "dHVyZWlkc0AAQABAAEABQABAAKABBypACgtub2Rlc19tb2Rlc0oKQlJBTkNIX0xFUUoETEVBRkoETEVBRkoKQlJBTk",
  "NIX0xFUUoETEVBRkoETEVBRqABCCoeCg1ub2Rlc19ub2RlaWRzQABAAUACQABAAUACoAEHKh4KDW5vZGVzX3RyZWVp",
  "ZHNAAEAAQABAAUABQAGgAQcqIgoRbm9kZXNfdHJ1ZW5vZGVpZHNAAUAAQABAAUAAQACgAQcqLwoMbm9kZXNfdmFsdW",
  "VzPQAAAD89AAAAAD0AAAAAPQAAgL49AAAAAD0AAAAAoAEGKhkKDnBvc3RfdHJhbnNmb3JtIgROT05FoAEDKhcKCnRh",
  "cmdldF9pZHNAAEAAQABAAKABByobCg50YXJnZXRfbm9kZWlkc0ABQAJAAUACoAEHKhsKDnRhcmdldF90cmVlaWRzQA",
  "BAAEABQAGgAQcqJwoOdGFyZ2V0X3dlaWdodHM9AACAPz0AAEBAPQAAAAA9AAAgQaABBjoKYWkub25ueC5tbBIFdHJl",
  "ZXNaFAoBeBIPCg0IARIJCgMSAW4KAggCYhQKAXkSDwoNCAESCQoDEgFuCgIIAUIECgAQEkIOCgphaS5vbm54Lm1sEA",
  "M=",
].join("");

export const stumps: Uint8Array = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
