/** Where the app for Android starts: the decoy, as on the web, with the native engine behind it. */
import "./ui/app.css";
import "./ui/decoys.css";
import { NativePhone } from "./native/phone";
import { lead } from "./ui/ways";

lead(new NativePhone());
