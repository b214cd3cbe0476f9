/**
 * The film in sign language, where the authority has put one (safety rule 33). It is asked for when her settings are
 * opened, starts only when tapped, and without sound, since it is seen behind the code alone.
 */
import { currentLanguage, text } from "../locales";
import { el } from "./dom";

const FILMS = "./sign/";

/** A place for the film in her language; stays empty where there is none, or no network. */
export function signedFilm(): HTMLElement {
  const place = el("section", { id: "signed" });
  void filmFor(currentLanguage()).then((name) => name && place.isConnected && place.append(...player(name)));
  return place;
}

async function filmFor(language: string): Promise<string> {
  const told: unknown = await fetch(FILMS, { credentials: "omit" }).then((reply) => reply.json()).catch(() => null);
  const films = (told as { films?: unknown } | null)?.films;
  const names = Array.isArray(films) ? films.filter((name): name is string => typeof name === "string") : [];
  return names.find((name) => name.startsWith(`${language}.`)) ?? "";
}

function player(name: string): HTMLElement[] {
  const language = currentLanguage();
  const captions = el("track", { kind: "captions", src: `${FILMS}${language}.vtt`, srclang: language, label: text("sign.captions"), default: true });
  const film = el("video", { controls: true, muted: true, playsinline: true, preload: "none", src: FILMS + name, "aria-label": text("sign.title") }, captions);
  film.muted = true;
  return [el("h2", {}, text("sign.title")), film];
}
