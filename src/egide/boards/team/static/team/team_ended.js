// The page has ended; what was tapped before is still sent, then forgotten.
import { forget } from "./taps.js";

document.addEventListener("taps", forget);
forget();
// Nobody wakes this device for it any more.
navigator.serviceWorker?.getRegistration(location.pathname).then((registration) => registration?.unregister());
