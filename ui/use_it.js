// Runs once, when the tab for programmers is first opened: puts the address of the page, which only the browser knows,
// into the code, and keeps the same part unfolded.

let open = "";
element.addEventListener("toggle", ({ target }) => { if (target.open) open = target.dataset.snippet; }, true);
watch("value", () => {
  const here = new URL("./", document.baseURI).href;
  for (const code of element.querySelectorAll("pre")) {
    code.textContent = code.textContent.replaceAll("ADDRESS/", here);
  }
  const fold = element.querySelector(`[data-snippet="${open}"]`);
  if (fold) fold.open = true;
});
