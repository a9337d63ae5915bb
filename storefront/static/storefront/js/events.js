// Tells the shop which recommended items were really seen: half of the card, for half a second.
(() => {
  const SEEN_AFTER_MS = 500;
  const SEND_EVERY_MS = 2000;
  const MAX_LISTS = 25;
  if (!navigator.sendBeacon || !window.IntersectionObserver) return;

  const unsent = new Map(); // token of a list -> ranks seen in it
  const timers = new Map(); // card in view -> when it counts
  let view = null;

  const send = () => {
    const lists = Array.from(unsent, ([token, ranks]) => ({ token, ranks }));
    unsent.clear();
    while (lists.length > 0) {
      const body = { page_view_id: view.dataset.pageView, lists: lists.splice(0, MAX_LISTS) };
      navigator.sendBeacon("/events/", JSON.stringify(body));
    }
  };

  const see = (card) => {
    observer.unobserve(card);
    timers.delete(card);
    const { token } = card.closest("[data-token]").dataset;
    unsent.set(token, [...(unsent.get(token) ?? []), Number(card.dataset.rank)]);
  };

  const observer = new IntersectionObserver(
    (changes) => {
      for (const { target, isIntersecting } of changes) {
        clearTimeout(timers.get(target));
        timers.delete(target);
        if (isIntersecting) timers.set(target, setTimeout(see, SEEN_AFTER_MS, target));
      }
    },
    { threshold: 0.5 },
  );

  const watch = () => {
    view = document.querySelector("[data-page-view]");
    if (!view) return;
    for (const card of document.querySelectorAll("[data-token] [data-rank]")) observer.observe(card);
  };

  // A list that is exchanged without a new page is a view of its own.
  const leave = () => {
    send();
    observer.disconnect();
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
  };

  watch();
  setInterval(send, SEND_EVERY_MS);
  addEventListener("pagehide", send);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") send();
  });
  const isList = ({ detail }) => Boolean(detail.target.closest("[data-listing]"));
  document.body.addEventListener("htmx:beforeSwap", (swap) => {
    if (isList(swap)) leave();
  });
  document.body.addEventListener("htmx:afterSwap", (swap) => {
    if (isList(swap)) watch();
  });
})();
