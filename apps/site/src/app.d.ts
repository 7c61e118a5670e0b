import type { Site } from "#lib/server/site.ts";

declare global {
  namespace App {
    interface Locals {
      site: Site;
      /** What limits count by: the address of the visitor. */
      client: string;
    }
  }
}
