// Keeps the facets of a list open where they were, when the list was exchanged without a new page.
(() => {
  let wasOpen = false;
  const facets = () => document.querySelector("[data-listing] .facets");
  document.body.addEventListener("htmx:beforeSwap", () => {
    wasOpen = Boolean(facets()?.open);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    if (facets()) facets().open = wasOpen;
  });
})();
