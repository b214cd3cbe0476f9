/** Where the app for Android starts: the decoy, as on the web, with the native engine behind it. */
import "./ui/app.css";
import "./ui/decoys.css";
import { NativeBehind } from "./native/behind";
import { refreshDecoy, showDecoy } from "./ui/decoy";

const behind = new NativeBehind();
// What lies behind the code is not reached from here yet: three taps on the title lead nowhere.
const first = () => {
  showDecoy(behind, () => undefined);
  behind.showsDecoy();
};
behind.onDressed = first;
behind.onChanged = () => refreshDecoy(behind);
first();
