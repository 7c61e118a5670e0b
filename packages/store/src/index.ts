/** Filled by the parts. */
export {};
