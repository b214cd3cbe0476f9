// A page that follows the alarms of a centre and does nothing else: it fetches itself anew whenever one of them changed.
import * as canary from "../boards/canary.js";
import { Live } from "../boards/live.js";
import { say } from "./words.js";

function showState(state) {
  const box = document.getElementById("live-state");
  box.dataset.state = state;
  box.textContent = say(state);
  document.getElementById("lost").hidden = state !== "lost";
}

/** Call `refresh` for what happened after `head`, and `onLive` while the stream is there. */
export function follow(head, refresh, onLive = () => {}) {
  let fragmentsCome = true;
  canary.start();
  document.addEventListener("fragments", ({ detail: come }) => {
    fragmentsCome = come;
    showState(come ? "live" : "lost");
  });
  new Live(document.body.dataset.live, head, {
    event(seq, kind, stream) {
      canary.hear(kind);
      if (stream.startsWith("alarm:")) refresh(seq);
    },
    live() {
      if (fragmentsCome) showState("live");
      onLive();
    },
    lost: () => showState("lost"),
    trouble: canary.showTroubles,
    caughtUp: () => refresh(),
  });
}
