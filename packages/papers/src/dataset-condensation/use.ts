/** The method on the user's own images. */
export { use } from "./use/use.ts";
