/** Waiting for what must become so, without a pause of a length that somebody guessed. */

// Shorter than the time that a test has (vitest.config.ts), so that it is said what was waited for.
const AT_MOST_MS = 20_000;

/** Lets everything that is under way go on, until `isTrue`. Timers that a test holds still stay still. */
export async function until(isTrue: () => unknown, what = `${isTrue}`): Promise<void> {
  const endMs = performance.now() + AT_MOST_MS;
  while (!(await isTrue())) {
    if (performance.now() > endMs) throw new Error(`not within ${AT_MOST_MS} ms: ${what}`);
    await turn();
  }
}

/** One round of the event loop: what is ready now has happened afterwards. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
