/** The app on a page that is there in name only: Node has neither document nor window. */
import { vi } from "vitest";
import { App } from "../../src/ui/app";
import { freshChoices } from "../../src/ui/choices";
import { emptyDisk } from "./disk";
import { Intake } from "./intake";
import { play } from "./platform";

/** A page in French on a phone that never saw the app, and the intake of its installation. */
export async function freshPage(): Promise<Intake> {
  emptyDisk();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  play();
  Object.assign(navigator, { languages: ["fr"], onLine: true });
  const page = Object.assign(new EventTarget(), { visibilityState: "visible", documentElement: {} });
  vi.stubGlobal("document", page);
  vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
  return Intake.open();
}

export function openApp(intake: Intake): Promise<App> {
  return App.open({ servers: [intake.url], sms: "", smsAnswers: false, isDemo: false, push: "", silentMinutes: 60 }, freshChoices("fr", "notes"));
}

/** Ends what a test began. */
export async function endPage(app: App, intake: Intake): Promise<void> {
  app.engine?.stop();
  await intake.close();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
}
