// The time of day at the top of the desk and of the wall, and every clock below it.
import { eachSecond, paintClocks, serverNow, timeOfDay } from "../boards/clock.js";

/** Start ticking. */
export function startClocks() {
  const wall = document.getElementById("wall-clock");
  const paint = () => {
    wall.textContent = timeOfDay(serverNow());
    paintClocks();
  };
  paint();
  eachSecond(paint);
}
