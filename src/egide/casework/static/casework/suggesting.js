// While an address is typed, those that may be meant stand below it (ARIA 1.2, combobox with a list). Nothing is chosen by
// itself: what is typed stays what is typed. The text goes to this server alone, and not in an address.
const PAUSE_MS = 120;
const PATIENCE_MS = 3000;
const LEAST_SIGNS = 3;
const form = document.getElementById("edit");

const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
const headers = { "X-CSRFToken": token, "X-Egide-Fragment": "1" };

async function found(text) {
  const options = { method: "POST", headers, body: new URLSearchParams({ text }), signal: AbortSignal.timeout(PATIENCE_MS) };
  try {
    const reply = await fetch(form.dataset.suggest, options);
    return reply.ok ? (await reply.json()).found : [];
  } catch {
    // Typing goes on without it, and the form says in the end what it does not know.
    return [];
  }
}

/** The list below a field: what it shows, which of it is chosen by keys, and what becomes of a choice. */
class Listbox {
  constructor(input, take) {
    this.input = input;
    this.take = take;
    this.list = document.createElement("div");
    this.list.id = `${input.id}-suggested`;
    this.list.className = "suggested";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", input.labels[0].firstChild.textContent.trim());
    input.after(this.list);
    const told = { role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id };
    for (const [name, value] of Object.entries(told)) input.setAttribute(name, value);
    this.show([]);
  }

  get isOpen() {
    return !this.list.hidden;
  }

  get chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  show(texts) {
    this.list.replaceChildren(...texts.map((text, number) => this.optionOf(text, number)));
    // Right below what is typed, whatever stands behind it.
    this.list.style.top = `${this.input.offsetTop + this.input.offsetHeight}px`;
    this.list.hidden = !texts.length;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.input.removeAttribute("aria-activedescendant");
  }

  optionOf(text, number) {
    const option = document.createElement("div");
    option.id = `${this.list.id}-${number}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.textContent = text;
    option.addEventListener("click", () => this.take(text));
    return option;
  }

  move(by) {
    const options = [...this.list.children];
    const at = options.indexOf(this.chosen);
    // From nothing down to the first, up to the last.
    const next = options.at(at < 0 ? Math.min(by, 0) : (at + by) % options.length);
    this.chosen?.setAttribute("aria-selected", "false");
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", next.id);
  }
}

function suggest(input) {
  // Named places stay among them; two lists at once would hide each other.
  const named = [...(input.list?.options ?? [])].map(({ value }) => value);
  input.removeAttribute("list");
  let asked = 0;
  // Whoever chooses in a list keeps it: an answer still on its way would take the choice from under their hand.
  const keep = () => (asked += 1);
  const box = new Listbox(input, (text) => {
    keep();
    input.value = text;
    box.show([]);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  const keys = {
    ArrowDown: () => box.move(1),
    ArrowUp: () => box.move(-1),
    Escape: () => box.show([]),
    Enter: () => box.take(box.chosen.textContent),
  };

  input.addEventListener("input", async () => {
    const mine = ++asked;
    const text = input.value.trim();
    if (text.length < LEAST_SIGNS) return box.show([]);
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    if (mine !== asked) return;
    const near = named.filter((name) => name.toLowerCase().startsWith(text.toLowerCase()));
    const texts = [...new Set([...near, ...(await found(text))])];
    if (mine === asked && document.activeElement === input) box.show(texts.filter((one) => one !== input.value));
  });
  input.addEventListener("keydown", (event) => {
    // Without a choice Enter sends the form, as ever.
    if (!box.isOpen || !keys[event.key] || (event.key === "Enter" && !box.chosen)) return;
    event.preventDefault();
    keep();
    keys[event.key]();
  });
  box.list.addEventListener("pointerdown", (event) => {
    // Before the field loses the focus, which closes the list.
    event.preventDefault();
    keep();
  });
  input.addEventListener("blur", () => box.show([]));
}

document.querySelectorAll("[data-address]").forEach(suggest);
