/** Element types a user sees. */
export type DType = "float32" | "float64" | "int32" | "uint32" | "bool";

/** Types lowering may compute in: the user's, and int64 where an ONNX operator insists on it. */
export type ComputeType = DType | "int64";

export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** What the engine knows of an element type: its storage and its ONNX `TensorProto.DataType` code. */
export const dtypes = {
  float32: { storage: Float32Array, onnx: 1, bytes: 4 },
  float64: { storage: Float64Array, onnx: 11, bytes: 8 },
  int32: { storage: Int32Array, onnx: 6, bytes: 4 },
  uint32: { storage: Uint32Array, onnx: 12, bytes: 4 },
  bool: { storage: Uint8Array, onnx: 9, bytes: 1 },
} as const satisfies Record<DType, { storage: unknown; onnx: number; bytes: number }>;

export const isFloat = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";
export const isInteger = (dtype: DType): boolean => dtype === "int32" || dtype === "uint32";

export function allocate(dtype: DType, size: number): TypedArray {
  return new dtypes[dtype].storage(size);
}

/** The dtype a typed array stands for; bytes and other widths have none of their own. */
export function dtypeOfStorage(data: ArrayLike<number | bigint>): DType | undefined {
  if (data instanceof Float32Array) return "float32";
  if (data instanceof Float64Array) return "float64";
  if (data instanceof Int32Array) return "int32";
  if (data instanceof Uint32Array) return "uint32";
  return undefined;
}

/** ONNX's code for a type lowering computes in. */
export const onnxType = (type: ComputeType): number => (type === "int64" ? 7 : dtypes[type].onnx);
