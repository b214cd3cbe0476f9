// Running times on a page beside the board.
import { eachSecond, paintClocks, setServerTime } from "./clock.js";

setServerTime(Number(document.querySelector("[data-now]").dataset.now));
paintClocks();
eachSecond(() => paintClocks());
