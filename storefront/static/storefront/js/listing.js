// When a list is exchanged without a new page: says how many products it has now, keeps its facets open, and keeps the focus in it.
(() => {
  let wasOpen = false;
  let held = null;
  const facets = () => document.querySelector("[data-listing] .facets");
  document.body.addEventListener("htmx:beforeSwap", () => {
    wasOpen = Boolean(facets()?.open);
    const active = document.activeElement;
    held = active?.closest("[data-listing]") ? active.id : null;
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (facets()) facets().open = wasOpen;
    const said = document.querySelector("[data-listing-said]");
    const count = document.querySelector("[data-listing] .list-head p");
    if (said && count) said.textContent = count.textContent;
    if (held === null || document.activeElement !== document.body) return;
    // What was taken away, or stood in what was folded, cannot hold it: then the list's title does.
    const title = document.querySelector("[data-listing] h1");
    const next = document.getElementById(held) ?? title;
    if (next === title) title?.setAttribute("tabindex", "-1");
    next?.focus({ preventScroll: true });
  });
})();
