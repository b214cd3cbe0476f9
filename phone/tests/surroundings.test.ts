/** Where the phone is and how it is: asked for only when it is allowed, at little cost at rest, as well as can be in an alarm. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Source } from "../src/core/envelope";
import { Platform } from "../src/engine/surroundings";
import { play } from "./support/platform";

const NOW_MS = 1_700_000_000_000;

let platform: Platform;
let heard: boolean[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW_MS });
  platform = new Platform();
  heard = [];
  platform.onPermission = (isAllowed) => void heard.push(isAllowed);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const high = (options: PositionOptions) => options.enableHighAccuracy;

describe("the position", () => {
  test("is watched from the start where it is allowed, at little cost", async () => {
    const { geolocation } = play();
    await platform.start();
    expect([platform.isAllowed, geolocation.watches.map(({ options }) => options)]).toEqual([
      true, [{ enableHighAccuracy: false, maximumAge: 300_000, timeout: 30_000 }],
    ]);
  });

  test.each(["prompt", "denied"] as const)("is not asked for while it is %s: nobody is to be asked in an alarm", async (state) => {
    const { geolocation, permissions } = play();
    permissions.geolocation.state = state;
    await platform.start();
    platform.follow(true);
    expect([geolocation.watches, platform.isPositionRefused, platform.position()]).toEqual([[], true, null]);
  });

  test("is the best fix in an alarm and a cheap one after it, by one watch at a time", async () => {
    const { geolocation } = play();
    await platform.start();
    for (const isAlarm of [true, true, false, false]) platform.follow(isAlarm);
    expect(geolocation.watches.map(({ options }) => high(options))).toEqual([false, true, false]);
    expect([...geolocation.going]).toEqual([3]);
  });

  test("is not lost while the next fix is looked for", async () => {
    const { geolocation } = play();
    await platform.start();
    geolocation.find(50.5, 4.25, 12, NOW_MS);
    platform.follow(true);
    geolocation.fail(3);
    geolocation.fail(2);
    expect([platform.position()?.lat_e7, platform.isAllowed, heard]).toEqual([505_000_000, true, []]);
  });
});

describe("a place", () => {
  test("says where, how exactly, how old, and from what it comes, in the units of the envelope", async () => {
    const { geolocation } = play();
    await platform.start();
    expect(platform.position()).toBeNull();
    geolocation.find(50.45420004, -3.9523, 11.2, NOW_MS - 2600);
    expect(platform.position()).toEqual({ lat_e7: 504_542_000, lon_e7: -39_523_000, accuracy_m: 12, age_s: 3, source: Source.SATELLITE });
  });

  test.each([
    [50, Source.SATELLITE],
    [50.1, Source.NETWORK],
  ])("of %d m comes from source %i", async (accuracy, source) => {
    const { geolocation } = play();
    await platform.start();
    geolocation.find(0, 0, accuracy, NOW_MS);
    expect(platform.position()?.source).toBe(source);
  });

  test("fits into the envelope whatever the platform says: very rough, very old, from the future", async () => {
    const { geolocation } = play();
    await platform.start();
    geolocation.find(0, 0, 1e6, 0);
    expect(platform.position()).toMatchObject({ accuracy_m: 65_535, age_s: 65_535 });
    geolocation.find(0, 0, 1, NOW_MS + 60_000);
    expect(platform.position()).toMatchObject({ age_s: 0 });
  });
});

describe("rule 16: the permission", () => {
  test("is asked once, and the answer is heard by somebody who asked and by the zone", async () => {
    const { geolocation, permissions } = play();
    permissions.geolocation.state = "prompt";
    await platform.start();
    const asked = platform.askForPosition();
    geolocation.find(1, 2, 3, NOW_MS);
    geolocation.find(1, 2, 3, NOW_MS);
    expect([await asked, platform.isAllowed, heard]).toEqual([true, true, [true]]);
  });

  test("that she refuses is told as refused", async () => {
    const { geolocation, permissions } = play();
    permissions.geolocation.state = "prompt";
    await platform.start();
    const asked = platform.askForPosition();
    geolocation.fail(1);
    expect([await asked, platform.isPositionRefused, heard]).toEqual([false, true, [false]]);
  });

  test("that is given, while no fix is to be had, is given", async () => {
    const { geolocation, permissions } = play();
    permissions.geolocation.state = "prompt";
    await platform.start();
    const asked = platform.askForPosition();
    geolocation.fail(3);
    expect([await asked, heard]).toEqual([true, [true]]);
  });

  test("that is taken back leaves no old place behind, and is told; given again it is watched again", async () => {
    const { geolocation, permissions } = play();
    await platform.start();
    geolocation.find(1, 2, 3, NOW_MS);
    permissions.geolocation.become("denied");
    expect([platform.position(), platform.isPositionRefused, heard]).toEqual([null, true, [false]]);
    permissions.geolocation.become("granted");
    geolocation.find(1, 2, 3, NOW_MS);
    expect([platform.position()?.lat_e7, heard]).toEqual([10_000_000, [false, true]]);
  });

  test("that only the next fix shows to be gone is told too, once", async () => {
    const { geolocation } = play();
    await platform.start();
    geolocation.fail(1);
    geolocation.fail(1);
    expect([platform.isPositionRefused, heard]).toEqual([true, [false]]);
  });
});

describe("rule 16: the microphone", () => {
  test.each([
    ["granted", true, false],
    ["denied", true, true],
    ["prompt", true, true],
    ["denied", false, false],
  ] as const)("that is %s is refused for who wants to be heard (%s): %s", async (state, wants, isRefused) => {
    play().permissions.microphone.state = state;
    platform.wantsMicrophone = () => wants;
    await platform.start();
    expect(platform.isMicrophoneRefused).toBe(isRefused);
  });

  test("that is taken back and given again is told for a person who wants to be heard, and only then", async () => {
    const { permissions } = play();
    const told: boolean[] = [];
    platform.onMicrophone = (isAllowed) => void told.push(isAllowed);
    await platform.start();
    permissions.microphone.become("denied");
    platform.wantsMicrophone = () => true;
    for (const state of ["denied", "granted"] as const) permissions.microphone.become(state);
    expect(told).toEqual([false, true]);
  });
});

describe("the battery", () => {
  test("is told in percent, as it changes", async () => {
    const { battery } = play();
    await platform.start();
    expect(platform.battery()).toEqual({ phone_pct: 50 });
    battery.become(0.146);
    expect(platform.battery()).toEqual({ phone_pct: 15 });
  });

  test("is not known where the platform has no word of it", async () => {
    play(["getBattery"]);
    await platform.start();
    expect(platform.battery()).toEqual({ phone_pct: null });
  });
});

describe("a platform that lacks something", () => {
  test("starts without permissions that can be asked for, as old phones do", async () => {
    const { geolocation } = play(["permissions"]);
    await platform.start();
    expect([geolocation.watches, platform.isPositionRefused, platform.isMicrophoneRefused]).toEqual([[], true, false]);
  });

  test.each([
    ["a permission that it does not know", () => void Object.assign(navigator.permissions, { query: async () => Promise.reject(new TypeError()) })],
    ["a battery that nobody may ask", () => void Object.assign(navigator, { getBattery: async () => Promise.reject(new DOMException()) })],
  ])("starts with %s", async (_what, refuse) => {
    play();
    refuse();
    await platform.start();
    expect([platform.nowMs(), platform.position()]).toEqual([NOW_MS, null]);
  });
});
