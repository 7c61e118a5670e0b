/**
 * Data: tables, arrays and pictures from files, their encoding as arrays, training and test parts.
 * Everything here runs in a browser; what needs a file system is in `@etude/data/files`.
 */
export * from "./batches.ts";
export * from "./catalogue/index.ts";
export * from "./cifar.ts";
export { type CsvOptions, parseCsv } from "./csv.ts";
export { missingMarks } from "./csvCells.ts";
export * from "./dataset.ts";
export * from "./encode.ts";
export { DataError, type Place } from "./errors.ts";
export { type IdxFiles, idxDataset, parseIdx } from "./idx.ts";
export * from "./imageSet.ts";
export * from "./imageSheet.ts";
export * from "./images.ts";
export * from "./npy.ts";
export * from "./npz.ts";
export * from "./parquet.ts";
export * from "./resize.ts";
export * from "./splits.ts";
export * from "./table.ts";
export {
  type CategoricalEncoding,
  columnTypes,
  type EncoderOptions,
  fitEncoder,
  type NumericEncoding,
  type TabularEncoder,
} from "./tabular.ts";
export * from "./targets.ts";
export type { ByteSource } from "./textStream.ts";
