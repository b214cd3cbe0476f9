/** A push service that vouches for the page: asked for once, told when it changes, taken back when she takes it back. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { toBase64url } from "../src/core/bytes";
import { Reach } from "../src/engine/reach";

const KEY = toBase64url(new Uint8Array(65).fill(4));
let permission: NotificationPermission;
let endpoint: string | null;
let told: { endpoint: string } | null;
let words: string[];

function reach(key = KEY): Reach {
  return new Reach(key, {
    recall: async () => told,
    remember: async (now) => void (told = now),
    note: async (word) => void words.push(word),
  });
}

beforeEach(() => {
  [permission, endpoint, told, words] = ["granted", null, null, []];
  const subscription = () => (endpoint === null ? null : { endpoint, unsubscribe: async () => ((endpoint = null), true) });
  const pushManager = {
    getSubscription: async () => subscription(),
    subscribe: async () => ((endpoint ??= "https://push.example/fresh"), subscription()),
  };
  const registration = { pushManager };
  vi.stubGlobal("navigator", { serviceWorker: { ready: Promise.resolve(registration), getRegistration: async () => registration } });
  vi.stubGlobal("PushManager", class {});
  vi.stubGlobal("Notification", {
    get permission() {
      return permission;
    },
    requestPermission: async () => permission,
  });
});

afterEach(() => vi.unstubAllGlobals());

test("the zone learns where to ask, once", async () => {
  expect(await reach().turnOn()).toBe(true);
  await reach().keep();
  await reach().turnOn();
  expect(words).toEqual(["push:https://push.example/fresh"]);
  expect(await reach().isOn()).toBe(true);
});

test("a refusal tells nothing, and she is not asked again", async () => {
  permission = "denied";
  expect(reach().isPossible).toBe(false);
  expect(await reach().turnOn()).toBe(false);
  expect(words).toEqual([]);
});

test("without a key of the installation nothing is asked", () => {
  expect(reach("").isPossible).toBe(false);
});

test("another address is told at the next start", async () => {
  await reach().turnOn();
  endpoint = "https://push.example/other";
  await reach().keep();
  expect(words.at(-1)).toBe("push:https://push.example/other");
});

test("who takes the permission back is not taken for somebody whose storage was cleared", async () => {
  await reach().turnOn();
  permission = "default";
  await reach().keep();
  expect(words.at(-1)).toBe("push-off");
  expect(await reach().isOn()).toBe(false);
});

test("who never wanted it is not subscribed at a later start", async () => {
  await reach().keep();
  expect([endpoint, words]).toEqual([null, []]);
});

test("off again: the browser forgets, then the zone hears of it", async () => {
  await reach().turnOn();
  await reach().turnOff();
  expect([endpoint, words.at(-1)]).toEqual([null, "push-off"]);
});
