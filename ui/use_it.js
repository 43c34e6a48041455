const chosen = () => ({});
// Runs once, when the tab of code is first opened: puts the address that the page came from into the code, and
// leaves the fold open that was open before.

const here = new URL("./", element.closest("gradio-app[src]")?.getAttribute("src") ?? document.baseURI).href;
let open = "";

element.addEventListener("toggle", ({ target }) => {
  if (target.open) open = target.dataset.snippet;
}, true);

watch("value", () => {
  for (const code of element.querySelectorAll("pre")) code.textContent = code.textContent.replaceAll("ADDRESS/", here);
  const fold = element.querySelector(`[data-snippet="${open}"]`);
  if (fold) fold.open = true;
});
