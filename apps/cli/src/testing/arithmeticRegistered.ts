/** `--import` of it makes the paper of the tests one of the registry, for a process and those it starts. */
import { register } from "@etude/papers/registry";
import { arithmetic } from "./arithmetic.ts";

register(arithmetic);
