// Gives each row its previous and next buttons; without this script the row still scrolls and snaps.
(() => {
  const update = (list, buttons) => {
    const end = list.scrollWidth - list.clientWidth;
    const fits = end <= 4;
    for (const button of buttons) {
      button.hidden = fits;
      const spent = button.dataset.step < 0 ? list.scrollLeft <= 4 : list.scrollLeft >= end - 4;
      button.setAttribute("aria-disabled", String(spent));
    }
  };

  for (const row of document.querySelectorAll("[data-row]")) {
    const list = row.querySelector(".row-list");
    const buttons = row.querySelectorAll("[data-step]");
    if (!list || buttons.length === 0) continue;
    for (const button of buttons) {
      button.addEventListener("click", () => {
        list.scrollBy({ left: Number(button.dataset.step) * list.clientWidth * 0.85 });
      });
    }
    list.addEventListener("scroll", () => update(list, buttons), { passive: true });
    new ResizeObserver(() => update(list, buttons)).observe(list);
    row.querySelector(".row-tools").hidden = false;
  }
})();
