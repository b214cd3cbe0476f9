/** Listening in: only for those who chose it and where it is allowed; in numbered pieces that add up to the recording. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { decode as decodeCbor } from "../src/core/cbor";
import { Kind, decode } from "../src/core/envelope";
import { Listening } from "../src/engine/listening";
import { fillDisk, rowsOf } from "./support/disk";
import { Intake } from "./support/intake";
import { type Phone, phone, endPhones, freshIntake } from "./support/phones";
import { PlayedRecorder, PlayedStream, play } from "./support/platform";
import { turn, until } from "./support/waiting";

let intake: Intake;
let her: Phone;
let listening: Listening;
let platform: ReturnType<typeof play>;

beforeEach(async () => {
  intake = await freshIntake();
  platform = play();
  her = await phone(intake);
  listening = new Listening(her.engine);
});
afterEach(() => endPhones(intake));

const recorder = () => PlayedRecorder.all.at(-1)!;
const kept = (count: number) => until(async () => (await rowsOf("outbox")).length === count);

/** What waits to be sent, in the order in which it goes: press, number, bytes. */
async function pieces(): Promise<readonly unknown[]> {
  const found = [];
  for (let next = await her.store.nextOther(); next?.kind === Kind.AUDIO; next = await her.store.nextOther()) {
    const { press, body } = decode(next.data).message;
    const [number, bytes] = decodeCbor(body!) as [number, Uint8Array];
    found.push([press, number, [...bytes]]);
    await her.store.takeReceipt(next, { seq: 1, alarm: "", received_at: 0, state: "noted", next_counter: 1, pending: [], signature: "" }, 0);
  }
  return found;
}

describe("sound", () => {
  test("goes in pieces of a second that are numbered from 0 and belong to the alarm", async () => {
    await her.engine.pressOnScreen();
    await until(async () => (await rowsOf("outbox")).length === 0);
    await listening.start();
    for (const bytes of [[1], [2, 2], [3]]) recorder().say(bytes);
    await kept(3);
    expect([recorder().everyMs, recorder().options]).toEqual([1000, { mimeType: "audio/webm;codecs=opus", audioBitsPerSecond: 24_000 }]);
    expect(await pieces()).toEqual([[1, 0, [1]], [1, 1, [2, 2]], [1, 2, [3]]]);
  });

  test("stays in its order when a later piece is read before an earlier one", async () => {
    await listening.start();
    let give: (bytes: ArrayBuffer) => void;
    const slow = { size: 1, arrayBuffer: () => new Promise<ArrayBuffer>((resolve) => (give = resolve)) } as Blob;
    recorder().ondataavailable!({ data: slow });
    recorder().say([2]);
    await until(() => give);
    await turn();
    give!(Uint8Array.of(1).buffer);
    await kept(2);
    expect(await pieces()).toEqual([[null, 0, [1]], [null, 1, [2]]]);
  });

  test("of nothing is no piece", async () => {
    await listening.start();
    recorder().say([]);
    recorder().say([1]);
    await kept(1);
    expect(await pieces()).toEqual([[null, 0, [1]]]);
  });

  test("that finds no room is missed by its number, and what comes later is kept", async () => {
    await listening.start();
    const makeRoom = fillDisk("outbox");
    recorder().say([1]);
    await until(() => her.told.count("not stored"));
    makeRoom();
    recorder().say([2]);
    await kept(1);
    expect(await pieces()).toEqual([[null, 1, [2]]]);
  });
});

describe("nobody is listened to", () => {
  test.each(["prompt", "denied"] as const)("where the microphone is %s: nobody is asked in an alarm", async (state) => {
    platform.permissions.microphone.state = state;
    await listening.start();
    expect([platform.getUserMedia.mock.calls, PlayedRecorder.all]).toEqual([[], []]);
  });

  test.each([
    ["has no recorder", () => vi.stubGlobal("self", {})],
    ["records another way", () => vi.spyOn(PlayedRecorder, "isTypeSupported").mockReturnValue(false)],
    ["cannot say whether it may", () => vi.stubGlobal("navigator", { ...navigator, permissions: { query: () => Promise.reject(new TypeError()) } })],
  ])("where the platform %s", async (_what, lack) => {
    lack();
    await listening.start();
    expect([platform.getUserMedia.mock.calls, PlayedRecorder.all]).toEqual([[], []]);
  });

  test("while somebody else holds the microphone; the next alarm tries again", async () => {
    platform.getUserMedia.mockRejectedValueOnce(new DOMException("held", "NotReadableError"));
    await listening.start();
    expect(PlayedRecorder.all).toEqual([]);
    await listening.start();
    expect(recorder().state).toBe("recording");
  });
});

describe("rule 23: the end", () => {
  test("closes the microphone at once, and nothing more is kept", async () => {
    await listening.start();
    const { stream } = recorder();
    recorder().say([1]);
    await kept(1);
    listening.stop();
    recorder().say([2]);
    expect([stream.isOpen, recorder().state]).toEqual([false, "inactive"]);
    await turn();
    expect(await pieces()).toEqual([[null, 0, [1]]]);
  });

  test("that comes while the microphone is being opened leaves none open", async () => {
    const stream = new PlayedStream();
    let open: (stream: PlayedStream) => void;
    platform.getUserMedia.mockReturnValueOnce(new Promise((resolve) => (open = resolve)));
    const starting = listening.start();
    await until(() => platform.getUserMedia.mock.calls.length);
    listening.stop();
    open!(stream);
    await starting;
    expect([stream.isOpen, PlayedRecorder.all]).toEqual([false, []]);
  });

  test("of one recording is followed by another, numbered anew", async () => {
    for (const bytes of [[1], [2]]) {
      await listening.start();
      recorder().say(bytes);
      await until(async () => (await rowsOf("outbox")).length > 0);
      expect(await pieces()).toEqual([[null, 0, bytes]]);
      listening.stop();
    }
    expect(PlayedRecorder.all).toHaveLength(2);
  });

  test("of what never began is nothing", () => {
    expect(() => listening.stop()).not.toThrow();
  });
});

describe("a second press", () => {
  test("does not record twice, also while the first is only beginning", async () => {
    await Promise.all([listening.start(), listening.start()]);
    await listening.start();
    expect(PlayedRecorder.all).toHaveLength(1);
  });

  test("records again when the platform ended the first recording", async () => {
    await listening.start();
    // The microphone was pulled out, or taken back in the browser's settings.
    recorder().state = "inactive";
    await listening.start();
    expect([PlayedRecorder.all.length, recorder().state]).toEqual([2, "recording"]);
  });
});

test("rule 18: a microphone that cannot be recorded is not left open: it would show", async () => {
  const stream = new PlayedStream();
  platform.getUserMedia.mockResolvedValueOnce(stream);
  vi.spyOn(PlayedRecorder.prototype, "start").mockImplementationOnce(() => {
    throw new DOMException("no", "NotSupportedError");
  });
  await listening.start();
  expect(stream.isOpen).toBe(false);
});
