/** The slow step in a thread of its own, so that a press never waits for a code. */
import type { Bytes } from "./bytes";
import { stretchedHere } from "./stretching";

addEventListener("message", ({ data: [code, salt] }: MessageEvent<[string, Bytes]>) => postMessage(stretchedHere(code, salt)));
