/** Where there is no disk and no mirror, the program says where its files are. */
import { refuse } from "../errors.ts";
import type { DataSource } from "./source.ts";

export const defaultSource = (): DataSource => ({
  bytes: async (file) =>
    refuse("outside Node a loader needs to be told where files are: pass { source }", {
      file: file.path,
    }),
});
