/** The catalogue of data sets: what there is, whether it is here, and how to load it. */
export { type Availability, available } from "./available.ts";
export type { LoadOptions, PartOptions } from "./load.ts";
export { type ArrayData, loadArrays } from "./loadArrays.ts";
export { type DataLoader, dataLoader } from "./loader.ts";
export { loadImages } from "./loadImages.ts";
export { loadTable } from "./loadTable.ts";
export { loadText, type TextData } from "./loadText.ts";
export { loadTransitions, type Transitions } from "./loadTransitions.ts";
export {
  type DataFile,
  type DataKind,
  type DataSet,
  type Origin,
  originOf,
  type Part,
  partsOf,
  showBytes,
} from "./record.ts";
export { type DataSetFilter, dataSet, dataSets } from "./sets.ts";
export {
  checkedSource,
  type DataSource,
  type Progress,
  type SourceOptions,
  type Whereabouts,
} from "./source.ts";
