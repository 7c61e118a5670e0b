/** Files that the visitor takes away; they never leave the browser. */

/** Offers bytes or a text as a file to save. */
export function download(name: string, content: Uint8Array<ArrayBuffer> | string): void {
  const address = URL.createObjectURL(new Blob([content], { type: typeOf(name) }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // The browser has taken hold of it by the next turn; kept for longer the bytes stay in memory.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

function typeOf(name: string): string {
  const ending = name.split(".").at(-1) ?? "";
  const types: Readonly<Record<string, string>> = {
    csv: "text/csv",
    html: "text/html",
    json: "application/json",
    txt: "text/plain",
  };
  return types[ending] ?? "application/octet-stream";
}
