// Counts down to drops by the seconds that the server told, whatever the visitor's own clock says.
(() => {
  const UNITS = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  const spell = (seconds) => {
    const parts = [];
    for (const [name, size] of UNITS) {
      const count = Math.floor(seconds / size);
      seconds -= count * size;
      if (count || parts.length) parts.push([count, name]);
    }
    return parts.slice(0, 2).filter(([count]) => count)
      .map(([count, name]) => `${count} ${name}${count === 1 ? "" : "s"}`).join(" ");
  };
  const counters = [...document.querySelectorAll("[data-countdown]")].map((line) => ({
    line,
    words: line.querySelector("[data-countdown-words]"),
    over: line.parentElement.querySelector("[data-countdown-over]"),
    ends: performance.now() + Number(line.dataset.countdown) * 1000,
  }));
  const tick = () => {
    for (const counter of counters) {
      const left = Math.ceil((counter.ends - performance.now()) / 1000);
      if (left > 0) {
        const said = spell(left);
        if (counter.words.textContent !== said) counter.words.textContent = said;
      } else if (!counter.line.hidden) {
        counter.line.hidden = true;
        if (counter.over) counter.over.hidden = false;
      }
    }
    if (counters.some(({ line }) => !line.hidden)) setTimeout(tick, 1000 - (performance.now() % 1000));
  };
  tick();
})();
