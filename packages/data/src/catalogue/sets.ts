/** The catalogue: every data set by its name. */
import { quote, refuse } from "../errors.ts";
import { suggestNames } from "../names.ts";
import { type DataKind, type DataSet, type Origin, originOf } from "./record.ts";
import records from "./sets.json" with { type: "json" };

const all = records as readonly unknown[] as readonly DataSet[];
const byId = new Map(all.map((set) => [set.id, set]));

export interface DataSetFilter {
  readonly kind?: DataKind;
  /** Sets whose task is this or ends with it: "classification" finds "image classification" too. */
  readonly task?: string;
  readonly origin?: Origin;
  readonly maximumRows?: number;
  /** Words that all occur in the name or the title. */
  readonly search?: string;
}

/**
 * The data sets of the catalogue, or those that pass a filter, by kind and name.
 *
 * @example dataSets({ task: "regression", origin: "shipped" }).map(({ id }) => id)
 */
export function dataSets(filter: DataSetFilter = {}): readonly DataSet[] {
  const words = (filter.search ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((set) => {
    const text = `${set.id} ${set.title}`.toLowerCase();
    return (
      (filter.kind === undefined || set.kind === filter.kind) &&
      (filter.task === undefined || ` ${set.task}`.endsWith(` ${filter.task}`)) &&
      (filter.origin === undefined || originOf(set) === filter.origin) &&
      (filter.maximumRows === undefined || set.rows <= filter.maximumRows) &&
      words.every((word) => text.includes(word))
    );
  });
}

/**
 * The record of one data set.
 *
 * @throws DataError with the nearest names when there is none of this name
 */
export function dataSet(id: string): DataSet {
  const found = byId.get(id);
  if (found !== undefined) return found;
  return refuse(`there is no data set ${quote(id)}; ${suggestNames(id, [...byId.keys()])}`);
}
