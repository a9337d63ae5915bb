// While a run is under way, asks for the page again every two seconds and puts in what changed.
(() => {
  const EVERY_MS = 2000;
  const part = () => document.getElementById("cr-fresh");

  const renew = async () => {
    if (document.hidden) return true;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return true;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("cr-fresh");
    if (!fresh) return true;
    if (!page.querySelector("[data-under-way]")) {
      // The run is over: everything on the page has changed.
      location.reload();
      return false;
    }
    const focused = document.activeElement?.id;
    part().replaceWith(document.adoptNode(fresh));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    return true;
  };

  const tick = async () => {
    const goOn = await renew().catch(() => true);
    if (goOn) setTimeout(tick, EVERY_MS);
  };
  setTimeout(tick, EVERY_MS);
})();
