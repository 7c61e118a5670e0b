/** The steps of a run as files, one each. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { StepStore } from "@etude/papers";
import { writeAtomic } from "./atomicFile.ts";

/** A store in a folder; what is saved is on the disk before `save` returns. */
export function stepFiles(folder: string): StepStore {
  const place = (name: string): string => path.join(folder, fileOf(name));
  return {
    load: async (name) => {
      try {
        return new Uint8Array(await readFile(place(name)));
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
      }
    },
    save: (name, bytes) => writeAtomic(place(name), bytes),
  };
}

const longestName = 120;

/**
 * A file name for the name of a step, a different one for each: "seed-0/train" becomes
 * "seed-0+train.step". Long names end in a checksum of what was cut.
 */
export function fileOf(name: string): string {
  const whole = name
    .split("/")
    .map((part) =>
      encodeURIComponent(part).replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    )
    .join("+");
  if (whole.length <= longestName) return `${whole}.step`;
  const checksum = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `${whole.slice(0, longestName - checksum.length)}=${checksum}.step`;
}
