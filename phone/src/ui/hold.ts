/** A page that is held: anywhere on it with a finger, or with the space bar. It stays a page that can be used. */

// How far a finger may tremble on a page that moves under it, or in a field where it chooses words.
const SLIP_PX = 48;
const FIELD = "textarea, input:not([type=checkbox])";
// What the platform opens over the page keeps the end of a touch or of a key to itself.
const OPENS = "select";

/**
 * Calls `act` once when a finger has stayed for the hold time. One that slips has not left, nor has a second one come;
 * one that moves the page, or writes, is used for something else. What was held is not clicked besides.
 */
export function holdable(page: HTMLElement, act: () => unknown, holdMs: () => number): void {
  const down = new Set<number | string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isHeld = false;
  let from = { x: 0, y: 0, scrolled: 0, inField: false };
  const hold = () => {
    isHeld = true;
    act();
  };
  const begin = (what: number | string) => {
    if (down.size === 0) {
      isHeld = false;
      timer = setTimeout(hold, holdMs());
    }
    down.add(what);
  };
  const end = (what: number | string) => {
    down.delete(what);
    if (down.size === 0) clearTimeout(timer);
  };
  const endAll = () => [...down].forEach(end);
  const touch = (event: PointerEvent) => {
    const at = event.target as Element;
    if (at.closest(OPENS)) return;
    if (down.size === 0) from = { x: event.clientX, y: event.clientY, scrolled: scrollY, inField: at.closest(FIELD) !== null };
    begin(event.pointerId);
  };
  const move = (event: PointerEvent) => {
    if (from.inField && Math.hypot(event.clientX - from.x, event.clientY - from.y) > SLIP_PX) endAll();
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== " ") isHeld = false;
    else if (!event.repeat && !(event.target as Element).closest(`${FIELD}, ${OPENS}`)) begin(" ");
  };
  const click = (event: Event) => {
    if (!isHeld) return;
    isHeld = false;
    event.preventDefault();
    event.stopPropagation();
  };
  const left = new AbortController();
  // Another page took this one's place: it listens no more.
  const here = <Happening extends Event>(then: (event: Happening) => unknown) => (event: Event) =>
    page.isConnected ? then(event as Happening) : left.abort();
  const until = { signal: left.signal };
  page.addEventListener("pointerdown", touch);
  page.addEventListener("click", click, { capture: true });
  page.addEventListener("contextmenu", (event) => (event.target as Element).closest(FIELD) || event.preventDefault());
  addEventListener("pointermove", here(move), until);
  addEventListener("pointerup", here<PointerEvent>((event) => end(event.pointerId)), until);
  // A finger by which the browser begins to move the page is still there; `touchend` tells when it left.
  addEventListener("pointercancel", here<PointerEvent>((event) => event.pointerType === "touch" || end(event.pointerId)), until);
  for (const name of ["touchend", "touchcancel"]) addEventListener(name, here<TouchEvent>((event) => event.touches.length === 0 && endAll()), until);
  // The space bar moves a long page by itself, and is held all the same.
  addEventListener("scroll", here(() => !down.has(" ") && Math.abs(scrollY - from.scrolled) > SLIP_PX && endAll()), until);
  addEventListener("keydown", here(press), until);
  addEventListener("keyup", here<KeyboardEvent>((event) => event.key === " " && end(" ")), until);
  addEventListener("blur", here(endAll), until);
}
