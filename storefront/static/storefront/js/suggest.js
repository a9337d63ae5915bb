// Offers what the search box may mean while one types: a combobox with a list of links. Without it the box searches.
(() => {
  const WAIT_MS = 120;
  const FEWEST_LETTERS = 2;
  const box = document.querySelector("[data-suggest]");
  const list = document.getElementById("find-list");
  if (!box || !list) return;

  let timer;
  let asking = null;
  let chosen = -1;
  const options = () => [...list.querySelectorAll('[role="option"]')];

  const choose = (place) => {
    const all = options();
    // One place more than there are options: the box itself, with what was typed.
    chosen = ((place + 1 + all.length + 1) % (all.length + 1)) - 1;
    all.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) {
      box.removeAttribute("aria-activedescendant");
    } else {
      box.setAttribute("aria-activedescendant", all[chosen].id);
      all[chosen].scrollIntoView({ block: "nearest" });
    }
  };

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const show = (html) => {
    list.innerHTML = html;
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
    const isOpen = options().length > 0 && document.activeElement === box;
    list.hidden = !isOpen;
    box.setAttribute("aria-expanded", String(isOpen));
  };

  const ask = async () => {
    const words = box.value.trim();
    asking?.abort();
    if (words.length < FEWEST_LETTERS) return close();
    asking = new AbortController();
    const { signal } = asking;
    try {
      const answer = await fetch(`${box.dataset.suggest}?q=${encodeURIComponent(words)}`, { signal });
      const html = answer.ok ? await answer.text() : "";
      if (!signal.aborted) show(html);
    } catch (error) {
      // Typing went on, or the shop is out of reach: the box searches in any case.
      if (error.name !== "AbortError") close();
    }
  };

  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", list.id);
  box.setAttribute("aria-expanded", "false");
  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT_MS);
  });
  box.addEventListener("keydown", (event) => {
    if (list.hidden) {
      if (event.key === "ArrowDown" && options().length > 0) ask();
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      options()[chosen].click();
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  // A press on an option takes the focus from the box before it is a click.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  box.addEventListener("blur", close);
})();
