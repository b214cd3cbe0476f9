/** What an officer sets reaches phone and button; nothing old, foreign or out of bounds does. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { joined, toBase64url, toHex } from "../src/core/bytes";
import type { EnrolmentReply, Settings } from "../src/core/enrolment";
import { Kind } from "../src/core/envelope";
import { encodeHold } from "../src/core/frame";
import { freshKey, signed } from "../src/core/keys";
import { handingStatement } from "../src/core/receipt_key";
import { settingsIn } from "../src/core/settings";
import { BUTTON_KEY, Intake } from "./support/intake";
import { until } from "./support/waiting";
import { quiet, endPhones, freshIntake, workingPhone } from "./support/phones";

const WANTED: Settings = { hold_ms: 1500, button_hold_ms: 3000, position_interval_s: 10, heartbeat_interval_s: 600, tail_s: 1800, version: 7 };
const said = (settings: object) => [{ what: "check", text: "test-due" }, { what: "settings", text: JSON.stringify(settings) }];

let intake: Intake;
const notices = () => intake.messages(Kind.NOTICE).map(({ body }) => new TextDecoder().decode(body!));

beforeEach(async () => {
  intake = await freshIntake();
});
afterEach(() => endPhones(intake));

test("they are taken from a signed reply, kept, told back, and the button gets its hold time", async () => {
  intake.says = { pending: said(WANTED) };
  const her = await workingPhone(intake);
  await until(() => notices().includes("button-settings:7"), "the button has it");
  expect(notices()).toContain("settings:7");
  expect(her.radio.holds.map(toHex)).toEqual([toHex(await encodeHold(7, 3000, BUTTON_KEY))]);
  expect(her.engine.holdMs).toBe(1500);
  expect((await her.store.recall<EnrolmentReply>("enrolment"))!.settings).toEqual(WANTED);
  intake.says = {};
  await quiet(her);
  expect(her.waits().at(-1)).toBe(600_000);
});

test("settings and the next key of receipts, told by one reply, are both kept", async () => {
  const next = await freshKey();
  const link = toBase64url(joined(next.publicKey, await signed(intake.key.privateKey, handingStatement(intake.key.publicKey, next.publicKey))));
  intake.says = { pending: [...said(WANTED), { what: "key", text: link }] };
  const her = await workingPhone(intake);
  const kept = async (): Promise<Partial<EnrolmentReply>> => (await her.store.recall<EnrolmentReply>("enrolment")) ?? {};
  await until(async () => (await kept()).server_key_ahead === toBase64url(next.publicKey) && (await kept()).settings?.version === 7, "both");
  // The server goes over to it: the phone believes that key alone from then on, after a restart too.
  intake.key = next;
  intake.says = {};
  her.engine.tellNow();
  await until(async () => (await kept()).server_key === toBase64url(next.publicKey), "the new key is pinned");
  expect(await kept()).toMatchObject({ server_key_ahead: "", settings: WANTED });
});

test("a reply that somebody changed sets nothing", async () => {
  const proper = intake.receipt.bind(intake);
  intake.receipt = async (data) => ({ ...(await proper(data)), pending: said(WANTED) });
  const her = await workingPhone(intake);
  await until(() => her.told.count("refused") + her.told.count("unreachable") > 0, "the reply is not believed");
  expect(her.engine.holdMs).toBe(2000);
  expect(notices()).toEqual([]);
});

test("an older one changes nothing", async () => {
  intake.says = { pending: said({ ...WANTED, version: 6 }) };
  const her = await workingPhone(intake, { ...WANTED, hold_ms: 2500 });
  await quiet(her);
  expect(her.engine.holdMs).toBe(2500);
});

describe("what no phone may take", () => {
  test.each([
    { ...WANTED, version: 0 },
    { ...WANTED, version: 2 ** 32 },
    { ...WANTED, hold_ms: 60_000 },
    { ...WANTED, button_hold_ms: 1 },
    { ...WANTED, position_interval_s: 0 },
    { ...WANTED, heartbeat_interval_s: 86_400 },
    { ...WANTED, tail_s: "1800" },
    {},
    [],
  ])("%j", (settings) => {
    expect(settingsIn(said(settings))).toBeNull();
  });

  test("text that is no JSON, or none at all", () => {
    expect(settingsIn([{ what: "settings", text: "{" }])).toBeNull();
    expect(settingsIn([{ what: "settings" }])).toBeNull();
    expect(settingsIn([])).toBeNull();
  });

  test("what the server leaves out is as at the issue", () => {
    expect(settingsIn([{ what: "settings", text: '{"version":9}' }])).toMatchObject({ hold_ms: 2000, tail_s: 3600, version: 9 });
  });
});
