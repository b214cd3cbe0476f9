/** A page that is held: anywhere on it with a finger, or with the space bar. */

/** Calls `act` once when a finger has stayed for the hold time. One that slips has not left, nor has a second one come. */
export function holdable(page: HTMLElement, act: () => unknown, holdMs: () => number): void {
  const down = new Set<number | string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = (what: number | string) => {
    if (down.size === 0) timer = setTimeout(act, holdMs());
    down.add(what);
  };
  const end = (what: number | string) => {
    down.delete(what);
    if (down.size === 0) clearTimeout(timer);
  };
  const left = new AbortController();
  // Another page took this one's place: it listens no more.
  const here = <Happening extends Event>(then: (event: Happening) => void) => (event: Event) =>
    page.isConnected ? then(event as Happening) : left.abort();
  const until = { signal: left.signal };
  page.addEventListener("pointerdown", (event) => begin(event.pointerId));
  for (const name of ["pointerup", "pointercancel"]) addEventListener(name, here<PointerEvent>((event) => end(event.pointerId)), until);
  addEventListener("keydown", here<KeyboardEvent>((event) => event.key === " " && !event.repeat && begin(" ")), until);
  addEventListener("keyup", here<KeyboardEvent>((event) => event.key === " " && end(" ")), until);
  addEventListener("blur", here(() => [...down].forEach(end)), until);
  page.addEventListener("contextmenu", (event) => event.preventDefault());
}
