// The page has ended; what was tapped before is still sent.
import "./taps.js";
