/** What Node does not have of a phone: permissions, position, battery, microphone, recorder, worker. Played, and told what to say. */
import { scryptSync } from "node:crypto";
import { vi } from "vitest";

/** A permission that the person or the platform changes. */
export class PlayedPermission extends EventTarget {
  constructor(public state: PermissionState) {
    super();
  }

  become(state: PermissionState): void {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }
}

interface Watch {
  readonly found: PositionCallback;
  readonly failed: PositionErrorCallback;
  readonly options: PositionOptions;
}

/** Where the platform says that the phone is, to somebody who watches. */
export class PlayedGeolocation {
  /** Every watch that was begun, and those that go on, by number from 1. */
  readonly watches: Watch[] = [];
  readonly going = new Set<number>();

  watchPosition(found: PositionCallback, failed: PositionErrorCallback, options: PositionOptions): number {
    const id = this.watches.push({ found, failed, options });
    this.going.add(id);
    return id;
  }

  clearWatch(id: number): void {
    this.going.delete(id);
  }

  find(latitude: number, longitude: number, accuracy: number, timestamp: number): void {
    const fix = { coords: { latitude, longitude, accuracy }, timestamp } as GeolocationPosition;
    for (const id of this.going) this.watches[id - 1]!.found(fix);
  }

  /** `code`: 1 refused, 2 not known, 3 not in time. */
  fail(code: number): void {
    const error = { code, PERMISSION_DENIED: 1 } as GeolocationPositionError;
    for (const id of this.going) this.watches[id - 1]!.failed(error);
  }
}

export class PlayedBattery extends EventTarget {
  constructor(public level: number) {
    super();
  }

  become(level: number): void {
    this.level = level;
    this.dispatchEvent(new Event("levelchange"));
  }
}

/** A microphone that is open until every track of it was stopped. */
export class PlayedStream {
  isOpen = true;

  getTracks(): { stop(): void }[] {
    return [{ stop: () => (this.isOpen = false) }];
  }
}

/** A recorder that says the pieces which the test gives it. */
export class PlayedRecorder {
  static readonly all: PlayedRecorder[] = [];
  static isTypeSupported = (type: string) => type === "audio/webm;codecs=opus";
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  state = "inactive";
  everyMs = 0;

  constructor(
    readonly stream: PlayedStream,
    readonly options: MediaRecorderOptions,
  ) {
    PlayedRecorder.all.push(this);
  }

  start(everyMs: number): void {
    this.state = "recording";
    this.everyMs = everyMs;
  }

  /** Says what was not said yet, as the platform's own does. */
  stop(): void {
    this.state = "inactive";
    this.say([9, 9, 9]);
  }

  say(bytes: readonly number[]): void {
    this.ondataavailable?.({ data: new Blob([Uint8Array.from(bytes)]) });
  }
}

/** The worker that stretches codes: the app's function at a 32nd of its cost. Its true bytes are in vectors.test.ts. */
class PlayedWorker {
  onmessage: (event: { data: Uint8Array }) => void = () => undefined;

  postMessage([code, salt]: readonly [string, Uint8Array]): void {
    const data = new Uint8Array(scryptSync(code, salt, 32, { N: 2 ** 10, r: 8, p: 1 }));
    setImmediate(() => this.onmessage({ data }));
  }

  terminate(): void {}
}

/** A platform that has all of this, or what `without` leaves; its locks and all else stay Node's. */
export function play(without: readonly string[] = []) {
  const permissions = { geolocation: new PlayedPermission("granted"), microphone: new PlayedPermission("granted") };
  const [geolocation, battery] = [new PlayedGeolocation(), new PlayedBattery(0.5)];
  const getUserMedia = vi.fn(async () => new PlayedStream());
  const query = async ({ name }: { name: keyof typeof permissions }) => permissions[name];
  const all = { geolocation, permissions: { query }, getBattery: async () => battery, mediaDevices: { getUserMedia } };
  vi.stubGlobal("navigator", Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name))));
  PlayedRecorder.all.length = 0;
  vi.stubGlobal("self", { MediaRecorder: PlayedRecorder });
  vi.stubGlobal("MediaRecorder", PlayedRecorder);
  vi.stubGlobal("Worker", PlayedWorker);
  return { permissions, geolocation, battery, getUserMedia };
}
