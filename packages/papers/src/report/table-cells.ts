/** The cells of a table as text, for the page and the terminal. */
import type { DataTable } from "../contract/figure.ts";
import { formatColumn, missing } from "./numbers.ts";

export interface TableCells {
  /** As many cells in every row as the table has columns. */
  readonly cells: readonly (readonly string[])[];
  /** Whether a column holds numbers, which stand to the right. */
  readonly numeric: readonly boolean[];
}

export function formatTableCells({ columns, rows }: DataTable): TableCells {
  const width = columns.length;
  const formatted = Array.from({ length: width }, (_, column) => {
    const values = rows.map((row) => row[column] ?? null);
    const numbers = formatColumn(values.map((value) => (typeof value === "number" ? value : null)));
    return values.map((value, row) => (typeof value === "string" ? value : numbers[row]));
  });
  const numeric = formatted.map((cells, column) => {
    const words = cells.filter((_, row) => {
      const value = rows[row][column];
      return typeof value === "string" && !looksNumeric(value);
    });
    return cells.some((cell) => cell !== missing) && words.length === 0;
  });
  return { cells: rows.map((_, row) => formatted.map((column) => column[row])), numeric };
}

/** Texts such as "87.3 %", "0.87 [0.86, 0.88]", "2 min 3 s" or "0.9 ± 0.1" are read as numbers. */
function looksNumeric(text: string): boolean {
  if (text === "" || text === missing) return true;
  const withoutUnits = text.replace(
    /(?<=[\d\s\u202f])(%|ms|s|min|h|d|[kMGT]?B|×)(?=\s|\u202f|$)/g,
    "",
  );
  return /\d/.test(text) && /^[\d\s\u202f.,;:+\-−–±[\]()<>≤≥~≈e]*$/.test(withoutUnits);
}
