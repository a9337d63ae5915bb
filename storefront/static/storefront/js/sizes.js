// Shows the chosen size's quote above the sizes and its price on the button; without it every size still shows its price.
(() => {
  const quote = document.querySelector("[data-quote]");
  const label = document.querySelector("[data-buy-label]");
  const size = document.querySelector("[data-size-label]");
  const show = (radio) => {
    if (quote) {
      for (const cell of quote.querySelectorAll("[data-part]")) {
        const text = radio.dataset[cell.dataset.part];
        cell.textContent = text || "–";
        cell.classList.toggle("none", !text);
      }
    }
    if (size) size.textContent = radio.dataset.size;
    if (label) label.textContent = `Buy now · ${radio.dataset.ask}`;
  };
  for (const radio of document.querySelectorAll(".size input")) {
    radio.addEventListener("change", () => show(radio));
    if (radio.checked) show(radio);
  }
})();
