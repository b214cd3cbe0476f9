/** What stands behind the first page in the app for Android: the native engine, as far as its state is known here. */
import { browserLanguage, currentLanguage, isLanguage, setLanguage } from "../locales";
import { freshChoices, isDecoy } from "../ui/choices";
import type { Behind } from "../ui/decoy";
import { type EngineState, Port } from "./port";

export class NativeBehind implements Behind {
  private state: EngineState | null = null;
  private readonly port = new Port((state) => this.take(state));
  /** Called when another small app, or another language, is to be shown; and when only its quiet sentence may differ. */
  onDressed: () => void = () => undefined;
  onChanged: () => void = () => undefined;

  constructor() {
    setLanguage(browserLanguage());
    this.port.ask({ what: "state" });
  }

  get chosen(): Behind["chosen"] {
    const fresh = freshChoices(browserLanguage(), "notes");
    const { decoy = "", holdsScreen = fresh.holdsScreen } = this.state ?? {};
    return { now: { decoy: isDecoy(decoy) ? decoy : fresh.decoy, holdsScreen } };
  }

  get enrolment(): object | null {
    return this.state?.isEnrolled ? this.state : null;
  }

  get holdMs(): number {
    return this.state?.holdMs ?? 2000;
  }

  get standing(): Behind["standing"] {
    return { warns: this.state?.warns ?? false };
  }

  get alarm(): Behind["alarm"] {
    return { state: this.state?.alarm ?? "", isMuted: this.state?.isMuted ?? false };
  }

  /** The engine keeps it, and decides whether it is an alarm or the armed test. */
  pressOnScreen(): Promise<void> {
    this.port.ask({ what: "press" });
    return Promise.resolve();
  }

  /** A decoy is on the screen now. */
  showsDecoy(): void {
    this.port.secure(false);
  }

  private get looks(): string {
    return `${this.chosen.now.decoy} ${currentLanguage()}`;
  }

  private take(state: EngineState): void {
    const before = this.looks;
    this.state = state;
    if (isLanguage(state.language)) setLanguage(state.language);
    // A page that looks the same is not made anew: somebody may be writing in it.
    if (this.looks !== before) this.onDressed();
    else this.onChanged();
  }
}
