/** The names of presets, apart from the contract so that help texts need not load it. */
import type { PresetName } from "@etude/papers";

export type { PresetName } from "@etude/papers";

export const presetNames = ["smoke", "quick", "full"] as const satisfies readonly PresetName[];
