/** The version of the command, which its reports carry. */
import manifest from "../package.json" with { type: "json" };

export const version: string = manifest.version;
