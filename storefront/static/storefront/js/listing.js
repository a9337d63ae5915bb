// When a list is exchanged without a new page: says how many products it has now, and keeps its facets open.
(() => {
  let wasOpen = false;
  const facets = () => document.querySelector("[data-listing] .facets");
  document.body.addEventListener("htmx:beforeSwap", () => {
    wasOpen = Boolean(facets()?.open);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (facets()) facets().open = wasOpen;
    const said = document.querySelector("[data-listing-said]");
    const count = document.querySelector("[data-listing] .list-head p");
    if (said && count) said.textContent = count.textContent;
  });
})();
