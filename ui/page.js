// Runs once, when the grid of sliders is on the page: `element` is the grid, and `props.value` holds its thirty
// numbers (`features`), a link to load instead of them (`link`, or null) and the feature whose curve is shown
// (`curve`). The server computes every answer and writes every link; this moves sliders and numbers, asks when a
// value has changed, and keeps the address and the visitor's open folds up to date.

const cells = new Map();
let wanted = null; // a link that is not answered yet
let replaces = false; // the next answer replaces the last entry of the history instead of adding one
let fromAddress = false; // the next answer is what the address says already

for (const cell of element.querySelectorAll("[data-feature]")) {
  const [shift, start, span] = ["shift", "start", "span"].map((key) => Number(cell.dataset[key]));
  const [slider, number] = cell.querySelectorAll("input");
  const steps = Number(slider.max);
  const least = number.min === "" ? -Infinity : Number(number.min);
  const rounded = (value) => Math.max(least, Number(value.toFixed(cell.dataset.decimals)));
  cells.set(cell.dataset.feature, {
    cell, slider, number,
    position: (value) => ((Math.log(Math.max(value + shift, 1e-300)) - start) / span) * steps,
    value: (position) => rounded(Math.exp(start + (position / steps) * span) - shift),
  });
}

function partOf(target) {
  return cells.get(target.closest("[data-feature]")?.dataset.feature);
}

function show(part, value) {
  part.slider.value = part.position(value);
  part.slider.setAttribute("aria-valuetext", value);
  part.number.value = value;
  part.number.removeAttribute("aria-invalid");
}

function showAll() {
  for (const [name, part] of cells) show(part, props.value.features[name]);
}

// A slider's number follows it at once; the server is asked on release.
element.addEventListener("input", ({ target }) => {
  const part = partOf(target);
  if (target === part?.slider) {
    part.number.value = part.value(Number(target.value));
    target.setAttribute("aria-valuetext", part.number.value);
  } else if (part && target.checkValidity() && target.value !== "") {
    part.slider.value = part.position(Number(target.value));
  }
});

element.addEventListener("change", ({ target }) => {
  const part = partOf(target);
  if (!part) return;
  const valid = part.number.checkValidity() && part.number.value !== "";
  part.number.setAttribute("aria-invalid", String(!valid));
  if (valid) release(part.cell.dataset.feature, Number(part.number.value));
  else part.number.reportValidity();
});

function release(name, value) {
  const { features, curve } = props.value;
  if (features[name] === value) return;
  replaces = curve === name;
  fromAddress = false;
  wanted = null;
  props.value = { features: { ...features, [name]: value }, link: null, curve: name };
  trigger("ask");
}

// The arrow keys of a number walk its slider; the browser's own step of 1 suits few of the thirty.
element.addEventListener("keydown", (event) => {
  const part = partOf(event.target);
  const way = { ArrowUp: 5, ArrowDown: -5 }[event.key];
  if (!way || event.target !== part?.number) return;
  event.preventDefault();
  show(part, part.value(Number(part.slider.value) + way));
  release(part.cell.dataset.feature, Number(part.number.value));
});

// A finger that scrolls the page crosses sliders: the browser then cancels the touch, and the slider goes back.
element.addEventListener("pointercancel", ({ target }) => {
  const part = partOf(target);
  if (part) show(part, props.value.features[part.cell.dataset.feature]);
});

// The address is the state, unless the page is an element of somebody else's page: that address is not ours.
// What belongs to Gradio or to the frame's theme stays in it.
const host = element.closest("gradio-app[src]");

function foreign() {
  return [...new URLSearchParams(host ? "" : location.search)].filter(([key]) => /^(__.*|theme|view|tab|curve|threshold|prevalence)$/.test(key));
}

function addressOf(link) {
  const query = [new URLSearchParams(foreign()).toString(), link].filter(Boolean).join("&");
  const home = host ? new URL(host.getAttribute("src")).href : location.pathname;
  return home + (query && `?${query}`);
}

function currentLink() {
  return document.querySelector("#answer [data-link]")?.dataset.link ?? "";
}

function load(link, isAddress = false) {
  replaces = false;
  fromAddress = isAddress;
  wanted = link;
  props.value = { ...props.value, link };
  trigger("ask");
}

function mark() {
  const marked = new Set(document.querySelector("#answer [data-marks]")?.dataset.marks.split(" "));
  for (const [name, { cell }] of cells) cell.classList.toggle("marked", marked.has(name));
  for (const link of document.querySelectorAll(".cases a")) {
    link.toggleAttribute("aria-current", link.getAttribute("href") === `?${currentLink()}`);
  }
  for (const choice of document.querySelectorAll("select[data-load]")) choice.value = currentLink();
  for (const link of document.querySelectorAll("a[data-full]")) link.href = `./?${currentLink()}`;
}

document.addEventListener("explorer:answer", () => {
  const address = addressOf(currentLink());
  if (!host && !fromAddress && address !== location.pathname + location.search) {
    history[replaces ? "replaceState" : "pushState"](null, "", address);
  }
  fromAddress = false;
  mark();
});
if (!host) window.addEventListener("popstate", () => load(location.search, true));

// What a visitor has opened stays open when its content changes.
const opened = new Set();
document.addEventListener("toggle", ({ target }) => {
  if (target.dataset?.keep) opened[target.open ? "add" : "delete"](target.dataset.keep);
}, true);
document.addEventListener("explorer:reasons", () => {
  for (const fold of document.querySelectorAll("#reasons [data-keep]")) fold.open = opened.has(fold.dataset.keep);
});

// Links and choices that load a case, the choice of a curve, and the buttons of the page's head.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-load]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    load(link.getAttribute("href"));
    document.querySelector(`[role="tab"][data-tab-id="${link.dataset.tab}"]`)?.click();
  }
  const button = event.target.closest("button[data-do]");
  if (button?.dataset.do === "print") window.print();
  if (button?.dataset.do === "copy-code") copy(button, button.closest("details").querySelector("pre").textContent);
  if (button?.dataset.do === "copy-link") copy(button, new URL(addressOf(currentLink()), location.origin).href);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-load]")) load(target.value);
});

async function copy(button, content) {
  try {
    await navigator.clipboard.writeText(content);
  } catch { // without https there is no clipboard; the old command still works
    const area = Object.assign(document.createElement("textarea"), { value: content });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  const label = button.textContent;
  button.textContent = button.dataset.done;
  setTimeout(() => { button.textContent = label; }, 1500);
}

window.addEventListener("beforeprint", () => {
  for (const place of document.querySelectorAll("[data-here]")) place.textContent = location.href;
});

// In a frame: the theme of the query, and the height to the page around.
if (document.querySelector("#embed")) {
  const theme = new URLSearchParams(location.search).get("theme");
  if (theme) document.body.classList.toggle("dark", theme === "dark");
  const tell = () => parent.postMessage({ type: "breast-fna-explorer", height: document.querySelector("#embed").offsetHeight }, "*");
  new ResizeObserver(tell).observe(document.querySelector("#embed"));
}

// Gradio puts off a question while another is under way, and that one's answer overwrites what it was to ask.
watch("value", () => {
  showAll();
  if (wanted !== null && wanted !== props.value.link) load(wanted, fromAddress);
  else wanted = null;
});
mark();
document.querySelector("#first")?.remove();
if (!host && new URLSearchParams(location.search).size > foreign().length) setTimeout(() => load(location.search, true));
