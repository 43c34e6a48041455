// Runs once, when the tab for programmers is first opened: puts the page's address into the code, which only the browser
// knows, and keeps the fold open that was.

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
