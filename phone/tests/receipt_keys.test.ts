/** The key of receipts is handed on: the phone pins the next one ahead, follows after an absence, and follows nobody else. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Bytes, joined, toBase64url } from "../src/core/bytes";
import { Kind } from "../src/core/envelope";
import { type DeviceKey, freshKey, seal, signed } from "../src/core/keys";
import { type Pinned, handingStatement, linksOf } from "../src/core/receipt_key";
import { Refused } from "../src/transport/failures";
import { Sender } from "../src/transport/sender";
import { Intake } from "./support/intake";
import { message } from "./support/phones";

let ours: Intake;
let his: Intake;
let [one, two, three, thief]: DeviceKey[] = [];
let press: Bytes;

beforeEach(async () => {
  [one, two, three, thief] = await Promise.all([freshKey(), freshKey(), freshKey(), freshKey()]);
  [ours, his] = [await Intake.open(one), await Intake.open(thief)];
  press = await seal({ ...message(Kind.PRESS), counter: 1 }, await freshKey());
});
afterEach(async () => {
  await ours.close();
  await his.close();
});

async function link(key: DeviceKey, following: DeviceKey): Promise<string> {
  const signature = await signed(key.privateKey, handingStatement(key.publicKey, following.publicKey));
  return toBase64url(joined(following.publicKey, signature));
}

async function says(...links: Promise<string>[]): Promise<void> {
  ours.says = { pending: (await Promise.all(links)).map((text) => ({ what: "key", text })) };
}

/** A sender that was enrolled with the first key, and what it keeps. */
function enrolled(...servers: Intake[]): { sender: Sender; kept: string[][] } {
  const kept: string[][] = [];
  const sender = new Sender((servers.length ? servers : [ours]).map(({ url }) => url));
  const note = ({ key, ahead }: Pinned) => kept.push([toBase64url(key), ahead ? toBase64url(ahead) : ""]);
  sender.trust({ ...ours.enrolment({}, []), server_key: name(one) }, note);
  return { sender, kept };
}

const name = (key: DeviceKey | undefined) => toBase64url(key!.publicKey);
const failure = (sending: Promise<unknown>) => sending.then(() => null, (error: unknown) => error);

describe("a phone that is there", () => {
  test("pins the next key ahead, believes both, and the new one alone from its first receipt on", async () => {
    const { sender, kept } = enrolled();
    await sender.send(press);
    expect(kept).toEqual([]);
    await says(link(one!, two!));
    await sender.send(press);
    await sender.send(press);
    expect(kept).toEqual([[name(one), name(two)]]);
    ours.key = two!;
    ours.says = {};
    await sender.send(press);
    expect(kept.slice(1)).toEqual([[name(two), ""]]);
    ours.key = one!;
    ours.links = [await link(one!, two!), await link(one!, one!)];
    expect(await failure(sender.send(press))).toBeInstanceOf(Refused);
  });

  test("goes on after a restart with what it pinned ahead", async () => {
    const sender = new Sender([ours.url]);
    sender.trust({ ...ours.enrolment({}, []), server_key: name(one), server_key_ahead: name(two) });
    ours.key = two!;
    await sender.send(press);
    expect(ours.requests.map(({ url }) => url)).toEqual(["/v1/messages"]);
  });

  test("pins nothing that the key which it knows did not sign, and nothing twice", async () => {
    const { sender, kept } = enrolled();
    await says(link(thief!, two!), link(two!, thief!), Promise.resolve(""), Promise.resolve("*".repeat(128)));
    await sender.send(press);
    expect(kept).toEqual([]);
    await says(link(one!, two!));
    await sender.send(press);
    await says(link(one!, thief!));
    await sender.send(press);
    expect(kept).toEqual([[name(one), name(two)]]);
    ours.key = thief!;
    ours.links = [await link(one!, thief!)];
    expect(await failure(sender.send(press))).toBeInstanceOf(Refused);
  });
});

describe("a phone that was away", () => {
  test("follows the chain from its own key to the one that signs now", async () => {
    ours.key = three!;
    ours.links = [await link(thief!, two!), await link(one!, two!), await link(two!, three!)];
    const { sender, kept } = enrolled();
    await sender.send(press);
    expect(kept).toEqual([[name(three), ""]]);
    await sender.send(press);
    expect(ours.requests.filter(({ url }) => url === "/v1/receipt-keys")).toHaveLength(1);
  });

  test("believes the receipts of two messages at a time, whichever leads it along first", async () => {
    ours.key = three!;
    ours.links = [await link(one!, two!), await link(two!, three!)];
    const { sender, kept } = enrolled();
    await Promise.all([sender.send(press), sender.send(press), sender.send(press)]);
    expect(kept).toEqual([[name(three), ""]]);
  });

  test("believes nobody when a link is missing", async () => {
    ours.key = three!;
    ours.links = [await link(two!, three!)];
    const { sender, kept } = enrolled();
    expect(await failure(sender.send(press))).toBeInstanceOf(Refused);
    expect(kept).toEqual([]);
  });

  test("asks at no address while another gives a good receipt, and follows its own beside a false one", async () => {
    his.links = [await link(thief!, thief!)];
    const { sender, kept } = enrolled(his, ours);
    await sender.send(press);
    expect(his.requests.map(({ url }) => url)).toEqual(["/v1/messages"]);
    ours.key = two!;
    ours.links = [await link(one!, two!)];
    await sender.send(press);
    expect(kept).toEqual([[name(two), ""]]);
  });
});

test.each([null, "x", {}, { keys: 1 }, { keys: [1, null] }, []])("%j tells no links", (answer) => {
  expect(linksOf(answer)).toEqual([]);
});
