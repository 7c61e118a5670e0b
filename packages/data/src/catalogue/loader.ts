/** The loaders of the catalogue as one value, to hand to a run. */
import type { ArrayDataset } from "../dataset.ts";
import type { Table } from "../table.ts";
import type { LoadOptions } from "./load.ts";
import { type ArrayData, loadArrays } from "./loadArrays.ts";
import { loadImages } from "./loadImages.ts";
import { loadTable } from "./loadTable.ts";
import { loadText, type TextData } from "./loadText.ts";
import { loadTransitions, type Transitions } from "./loadTransitions.ts";
import type { Part } from "./record.ts";

interface WhichPart {
  readonly part?: Part | "all";
}

/** Data sets by the names of the catalogue, wherever their files come from. */
export interface DataLoader {
  table(id: string, which?: WhichPart): Promise<Table>;
  images(id: string, which?: WhichPart): Promise<ArrayDataset>;
  text(id: string, which?: WhichPart): Promise<TextData>;
  arrays(id: string): Promise<ArrayData>;
  transitions(id: string): Promise<Transitions>;
}

/**
 * Loaders that share a source, a progress display and a signal.
 *
 * @example const digits = await dataLoader().images("digits");
 */
export const dataLoader = (options: LoadOptions = {}): DataLoader => ({
  table: (id, which) => loadTable(id, { ...options, ...which }),
  images: (id, which) => loadImages(id, { ...options, ...which }),
  text: (id, which) => loadText(id, { ...options, ...which }),
  arrays: (id) => loadArrays(id, options),
  transitions: (id) => loadTransitions(id, options),
});
