/**
 * What the harmless first pages keep: in the open, apart from everything that is hers, so that anyone who searches the
 * phone finds what such an app would have.
 */

type Drawer = "notes" | "timer" | "units" | "dates" | "private" | "looks";

/** What lies in the drawer, or `empty`: nothing was kept, or the browser keeps nothing. */
export function kept<Content>(drawer: Drawer, empty: Content): Content {
  try {
    return (JSON.parse(localStorage.getItem(drawer) ?? "null") as Content | null) ?? empty;
  } catch {
    return empty;
  }
}

/** A browser that keeps nothing, or has no room, takes nothing from the page that asks. */
export function keep(drawer: Drawer, content: object | string): void {
  try {
    localStorage.setItem(drawer, JSON.stringify(content));
  } catch {
    // The page goes on with what it holds until it is closed.
  }
}
