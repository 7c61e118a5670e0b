/** What one cell of a text file says: nothing, a number, or a text. */

/** How a missing value is written, unless a reader is told otherwise. Blank cells are missing too. */
export const missingMarks: readonly string[] = ["", "NA", "N/A", "NaN", "nan", "null", "NULL", "?"];

/** Whether a cell is one of the marks, with spaces around it or not. */
export const isMissing = (cell: string, marks: ReadonlySet<string>): boolean =>
  marks.has(cell) || marks.has(cell.trim());

const infinities = new Map([
  ["inf", Infinity],
  ["+inf", Infinity],
  ["-inf", -Infinity],
]);

const blank = 32; // character codes up to that of the space are white space
const nine = 57; // from the code of 9 upwards, a second character is no digit, sign or point

/**
 * The number a cell writes in decimal notation (or "inf"), NaN where it writes none. Spaces around it
 * do not matter; hexadecimal, thousands separators, units and per cent signs make it a text.
 */
export function numberIn(cell: string): number {
  const plain = plainDecimal(cell);
  if (!Number.isNaN(plain)) return plain;
  const value = Number(cell);
  if (Number.isNaN(value)) return infinities.get(cell.trim().toLowerCase()) ?? value;
  if (cell.charCodeAt(0) > blank && !(cell.charCodeAt(1) > nine)) return value;
  // Number("") is 0, and Number reads 0x1F, 0b11 and 0o17, which are rarely amounts.
  return /^\s*(0[xob]|$)/i.test(cell) ? Number.NaN : value;
}

const powersOfTen = Float64Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/**
 * The value of -12.345 and the like, NaN for all other texts. Up to 15 digits and the power of ten
 * are exact in float64, so their quotient is the correctly rounded value: the same as Number gives,
 * in a third of the time. (Clinger, How to Read Floating Point Numbers Accurately, 1990.)
 */
function plainDecimal(cell: string): number {
  const { length } = cell;
  const negative = cell.charCodeAt(0) === 45;
  const start = negative ? 1 : 0;
  let digits = 0;
  let point = -1;
  for (let i = start; i < length; i++) {
    const digit = cell.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) digits = 10 * digits + digit;
    else if (digit === -2 && point < 0) point = i;
    else return Number.NaN;
  }
  const written = length - start - (point < 0 ? 0 : 1);
  if (written === 0 || written > 15) return Number.NaN;
  const value = point < 0 ? digits : digits / powersOfTen[length - 1 - point];
  return negative ? -value : value;
}

const date =
  /^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2}))([T ]\d{1,2}:\d{2}.*)?\s*$/;

/**
 * Whether a text is a calendar date such as 2024-02-29, 29.2.2024 or 2/29/24, with or without a
 * time. Dates stay text: as categories they would be labels without order.
 */
export const isDate = (cell: string): boolean => date.test(cell);
