/** A press that no server has, offered as text messages: only with a number, and asking for an answer only where she chose one. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { answerFor, smsTexts } from "../src/core/sms";
import { App } from "../src/ui/app";
import { freshChoices } from "../src/ui/choices";
import { chooseCodes } from "../src/ui/entering";
import type { Intake } from "./support/intake";
import { endPage, freshPage } from "./support/pages";
import { until } from "./support/waiting";

const NUMBER = "+3200000000";

let intake: Intake;
let app: App;

beforeEach(async () => {
  intake = await freshPage();
});
afterEach(() => endPage(app, intake));

/** A phone whose press no server answers. */
async function pressed(sms: string, smsAnswers: boolean): Promise<void> {
  app = await App.open({ servers: [intake.url], sms, smsAnswers, isDemo: false, push: "", silentMinutes: 60 }, freshChoices("fr", "notes"));
  await chooseCodes(app, "1357", "2468", { ...intake.enrolment(), kid: "0123456789abcdef" });
  // Nothing else either: whatever gets through is a network.
  intake.script = () => "cut";
  await app.pressOnScreen();
  await until(() => app.alarm.trouble === "unreachable" && intake.presses.length > 0);
}

/** The two texts, as soon as they are offered: a sign of life that was answered before the cut takes them back for a moment. */
async function offered(): Promise<readonly string[]> {
  let links: readonly string[] = [];
  await until(() => (links = app.alarm.smsLinks).length === 2);
  expect(links.every((link) => link.startsWith(`sms:${NUMBER}?body=EG1`))).toBe(true);
  return links.map((link) => decodeURIComponent(link.replace(`sms:${NUMBER}?body=`, "")));
}

/** The number of the sentence that is asked for, which stands behind the second text. */
async function asked(): Promise<string | undefined> {
  const [, second] = await offered();
  return /\.(\d+)$/.exec(second!)?.[1];
}

test("holds the bytes that are sent, and is offered no more once a server has them", async () => {
  await pressed(NUMBER, false);
  expect(await offered()).toEqual(smsTexts(intake.presses[0]!));
  intake.script = () => null;
  await until(() => {
    app.engine!.tryNow();
    return app.alarm.state === "received";
  });
  expect(app.alarm.smsLinks).toEqual([]);
});

test("is not offered where there is no number", async () => {
  await pressed("", true);
  expect(app.alarm.smsLinks).toEqual([]);
});

test.each([["her own", "1357"], ["the one under threat", "2468"]])(
  "rule 8: what keeps the press is said in front of the code, and no more once it was cancelled with %s",
  async (_which, code) => {
    await pressed(NUMBER, false);
    await offered();
    const saysTrouble = [app.alarm.saysTrouble];
    await app.cancel(code);
    expect([...saysTrouble, app.alarm.trouble, app.alarm.saysTrouble]).toEqual([true, "unreachable", false]);
  },
);

test("rule 18: asks for no answer that she did not choose", async () => {
  await pressed(NUMBER, true);
  expect(await asked()).toBeUndefined();
  await app.chosen.change({ smsAnswer: true });
  expect(await asked()).toBe(String(answerFor(app.enrolment!.kid, "fr").number));
});

test("rule 18: asks for none where the installation sends none", async () => {
  await pressed(NUMBER, false);
  await app.chosen.change({ smsAnswer: true });
  expect(await asked()).toBeUndefined();
});
