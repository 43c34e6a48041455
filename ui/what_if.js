// Runs once, when the tab of what-if questions is first opened: the curve that was chosen is in the address.

const chosen = () => ({ curve: fnaTabs.recall("curve") ?? "" });
element.addEventListener("click", ({ target }) => {
  const curve = target.closest("[data-curve]");
  if (!curve) return;
  fnaTabs.remember("curve", curve.dataset.curve);
  ask();
  element.querySelector(".chosen")?.scrollIntoView({ block: "nearest" });
});
