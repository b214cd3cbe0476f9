/** Building elements: text is always text, never markup. */

type Child = Node | string | null | false;

/** An element with attributes, listeners (`onclick` …) and children; `false` and `null` are left out. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string | boolean | number | ((event: Event) => void)>> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false) element.setAttribute(name, String(value));
  }
  for (const child of children) if (child !== null && child !== false) element.append(child);
  return element;
}

/** Puts `content` on the page in place of what is there, and the focus on its first heading. */
export function show(content: HTMLElement, title: string): void {
  document.title = title;
  document.querySelector("#app")!.replaceChildren(content);
  content.querySelector<HTMLElement>("h1")?.focus();
}

/** The same page with newer facts: focus stays where it is, and what has not changed is not touched, so that no tap is lost. */
export function refresh(content: HTMLElement): void {
  const shown = document.querySelector("#app > *");
  if (shown === null || shown.outerHTML === content.outerHTML) return;
  const focused = document.activeElement?.id ?? "";
  const frame = (page: Element) => (page.cloneNode() as Element).outerHTML + page.children.length;
  if (frame(shown) !== frame(content)) shown.replaceWith(content);
  else {
    const parts = [...content.children];
    [...shown.children].forEach((part, at) => part.outerHTML === parts[at]!.outerHTML || part.replaceWith(parts[at]!));
  }
  if (focused !== "") document.getElementById(focused)?.focus();
}

/** A heading that takes the focus, so that a screen reader says where one is. */
export function heading(words: string): HTMLElement {
  return el("h1", { tabindex: -1 }, words);
}

/** A check box with its label. */
export function tick(words: string, isOn: boolean, change: (isOn: boolean) => void): HTMLElement {
  const box = el("input", { type: "checkbox", checked: isOn, onchange: () => change(box.checked) });
  return el("label", { class: "tick" }, box, el("span", {}, words));
}
