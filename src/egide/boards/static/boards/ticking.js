// Running times on a page beside the board.
import { paintClocks, setServerTime } from "./clock.js";

setServerTime(Number(document.querySelector("[data-now]").dataset.now));
paintClocks();
setInterval(() => paintClocks(), 1000);
