import { setThreads } from "@etude/tensor";

setThreads(1);
