// The first screen: moves sliders and numbers, draws the answer at every frame from ui/model.js, updates the address,
// and asks the server once a value is settled. All its data are in the page; the server confirms the number and adds the
// warnings. It runs before the first paint, and needs nothing of Gradio.

const fna = (window.fna = createModel(JSON.parse(document.querySelector("#fna-data").textContent)));
const { data } = fna;
const { features, words } = data;
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const out = Object.fromEntries(all("[data-out]").map((place) => [place.dataset.out, place]));
const root = document.documentElement;
const TIMEOUT = 10000; // milliseconds, after which the server counts as gone
const NOTICEABLE = 300; // milliseconds, after which a wait is marked

let values = [...data.case.values]; // the thirty numbers on screen
let start = data.case.start; // the case they come from
let last = null; // the feature that was changed last: its changes are one entry of the history
let answered = null; // the server's answer to exactly these numbers

// ---- theme, before anything is painted

const theme = new URLSearchParams(location.search);
const dark = theme.get("__theme") ?? theme.get("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
document.body.classList.toggle("dark", dark === "dark");

// ---- Gradio's loading screen would go on counting seconds, at every frame, after it is gone (docs/upstream.md, 10)

const frameOf = window.requestAnimationFrame;
let stopped = false;
window.requestAnimationFrame = (callback) => {
  if (stopped || !`${callback}`.includes("performance.now()")) return frameOf(callback);
  stopped = true; // a frame that is not drawn asks for no other one
};

// ---- sliders and numbers

const cells = features.map((feature, index) => {
  const cell = one(`[data-feature="${feature.name}"]`);
  const [slider, number] = all("input", cell);
  const [shift, first, span] = feature.scale;
  const steps = Number(slider.max), least = feature.minimum ?? -Infinity;
  return {
    index, feature, cell, slider, number,
    position: (value) => ((Math.log(Math.max(value + shift, 1e-300)) - first) / span) * steps,
    value: (position) => Math.max(least, Number((Math.exp(first + (position / steps) * span) - shift).toFixed(feature.decimals))),
  };
});
const parts = new Map(cells.flatMap((part) => [[part.slider, part], [part.number, part]]));
const cellOf = (target) => parts.get(target);
const digits = (value) => String(value).replace("e+", "e"); // a plus in an address means a blank

// Shows a value on the slider, in the box, or in both.
function show(part, places = [part.slider, part.number]) {
  const value = digits(values[part.index]);
  if (places.includes(part.slider)) part.slider.value = part.position(values[part.index]);
  if (places.includes(part.number)) part.number.value = value;
  refuse(part);
}
function speak(part) {
  part.slider.setAttribute("aria-valuetext", `${digits(values[part.index])} ${part.feature.unit}`.trim());
}

// A number as people write it: a comma may replace the point. If it could mean two numbers, it means none.
function parse(typed) {
  const plain = typed.trim().replace(/\u2212/g, "-").replace(/^\+/, "");
  if (plain === "") return { fault: words.no_number };
  if (/^-?\d{1,3}(,\d{3})+$/.test(plain) && !/^-?0,/.test(plain)) return { fault: fna.fill(words.two_numbers, { typed: plain }) };
  const value = /^-?(\d+[.,]?\d*|[.,]\d+)(e[+-]?\d+)?$/i.test(plain) ? Number(plain.replace(",", ".")) : NaN;
  return Number.isFinite(value) ? { value } : { fault: fna.fill(words.not_a_number, { typed: plain.slice(0, 20) }) };
}

function read(part) {
  const { value, fault } = parse(part.number.value);
  const { feature } = part;
  if (!fault && feature.minimum !== null && value < feature.minimum) {
    const measurement = data.measurements.find(({ name }) => name === feature.measurement).label.toLowerCase();
    return { fault: fna.fill(words.too_small, { measurement, least: feature.minimum }) };
  }
  return { value, fault };
}

// Says next to the box why its value is not accepted.
function refuse(part, fault) {
  if (fault === part.fault) return;
  part.fault = fault;
  one(".fault", part.cell)?.remove();
  for (const name of ["aria-invalid", "aria-describedby"]) part.number.removeAttribute(name);
  if (!fault) return;
  const said = Object.assign(document.createElement("p"), { className: "fault", id: `fault-${part.feature.name}`, role: "alert", textContent: fault });
  part.cell.append(said);
  part.number.setAttribute("aria-invalid", "true");
  part.number.setAttribute("aria-describedby", said.id);
}

function change(part, value, ...places) {
  values[part.index] = value;
  show(part, places);
  unconfirm();
  redraw();
}

const grid = one("#grid");
grid.addEventListener("input", ({ target }) => {
  const part = cellOf(target);
  if (!part) return;
  if (target === part.slider) return void change(part, part.value(Number(target.value)), part.number);
  const { value, fault } = read(part);
  if (!fault) change(part, value, part.slider);
});
grid.addEventListener("change", ({ target }) => {
  const part = cellOf(target);
  if (!part) return;
  if (target === part.number) {
    const { value, fault } = read(part);
    refuse(part, fault);
    if (fault) return;
    values[part.index] = value;
  }
  settle(part);
});
grid.addEventListener("focusout", ({ target }) => {
  const part = cellOf(target);
  if (part && target === part.number && !part.fault) part.number.value = digits(values[part.index]);
});

// The arrow keys in a number's box move its slider.
grid.addEventListener("keydown", (event) => {
  const part = cellOf(event.target);
  const steps = { ArrowUp: 5, ArrowDown: -5, PageUp: 50, PageDown: -50 }[event.key];
  if (!steps || event.target !== part?.number) return;
  event.preventDefault();
  change(part, part.value(part.position(values[part.index]) + steps), part.slider, part.number);
  settle(part);
});

// A finger that scrolls the page crosses sliders: the browser then cancels the touch, and the slider goes back.
let held = null;
grid.addEventListener("pointerdown", ({ target }) => {
  const part = cellOf(target);
  held = part && target === part.slider ? { part, value: values[part.index] } : null;
});
grid.addEventListener("pointercancel", () => {
  if (!held || values[held.part.index] === held.value) return;
  change(held.part, held.value, held.part.slider, held.part.number);
  settle(held.part);
});

// ---- the answer

const answer = one(".answer"), brief = one(".brief"), needle = one(".answer .scale u"), near = one(".near"), bars = one(".bars");
const more = one(".more");

// Write only what has changed, and into the existing text node: anything else needs new styles and layout.
function text(place, content) {
  if (!place.firstChild) place.append("");
  if (place.firstChild.data !== content) place.firstChild.data = content;
}
function set(place, property, value) {
  if (place[property] !== value) place[property] = value;
}

let frame = 0;
function redraw() {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    draw(false);
  });
}

// Draw everything that follows the finger; other parts wait until the value is settled.
function draw(settled) {
  const prediction = fna.predict(values), nearest = fna.nearest(prediction.logit);
  const word = words.verdict[prediction.verdict], percent = fna.percent(prediction.probability), outcomes = fna.outcomes(nearest);
  set(answer.dataset, "verdict", prediction.verdict);
  text(out.word, word);
  text(out.probability, percent);
  needle.style.backgroundPositionX = `${fna.position(prediction.logit)}%`;
  drawNearest(nearest, settled);
  text(out.outcomes, outcomes);
  fillBars(bars, prediction, settled);
  const sentence = fna.sentence(prediction);
  text(out.sentence, sentence);
  text(brief, (answered && answered.warnings[0]?.message) || sentence);
  if (settled || more.open) explainNumber(prediction);
  if (settled) text(out.spoken, `${word}, ${percent} ${words.probability}. ${outcomes}`);
  drawNuclei(values);
}

function explainNumber({ verdict, logit }) {
  const { malignant_from: low, benign_to: high, interval } = data;
  text(out.meaning, fna.fill(words.more_meaning[verdict], { ...data, low, high }));
  const [from, to] = [-interval.reach, interval.reach].map((off) => fna.percent(1 / (1 + Math.exp(-logit - off))));
  const reach = fna.fill(from === to ? words.more_no_reach : words.more_reach, { low: from, high: to });
  text(out.interval, fna.fill(words.more_interval, { level: `${100 * interval.level} %`, reach, specimens: words.specimens }));
}

// The nuclei are drawn by a worker (nuclei.js), which may come a frame late: the finger does not wait for it. Other
// data have other measurements, and no nuclei; nor have browsers that cannot hand over a canvas.
const drawable = "OffscreenCanvas" in window && Object.keys(DEFINITIONS).every((name) => data.measurements.some((each) => each.name === name));
const drawNuclei = drawable ? startNuclei(one("#nuclei")) : () => {};
function startNuclei(figure) {
  const canvas = one("canvas", figure), worker = new Worker(URL.createObjectURL(new Blob([one("#fna-nuclei").textContent])));
  const style = getComputedStyle(figure), [fill, wall, opacity] = ["--nucleus", "--wall", "--opacity"].map((name) => style.getPropertyValue(name));
  const surface = canvas.transferControlToOffscreen();
  worker.postMessage({ canvas: surface, features: features.map(({ name }) => name), look: { fill, wall, opacity: Number(opacity) } }, [surface]);
  new ResizeObserver(() => worker.postMessage({ width: Math.round(canvas.clientWidth * Math.max(devicePixelRatio, 2)) })).observe(canvas);
  worker.onmessage = ({ data: drawn }) => {
    fna.nuclei = drawn; // for tests that measure them
    const names = drawn.off.map((name) => data.measurements.find((each) => each.name === name).label.toLowerCase());
    text(out.nuclei, names.length ? fna.fill(words.nuclei_off, { names: names.join(", ") }) : "");
  };
  figure.hidden = false;
  return (values) => worker.postMessage({ values });
}

// The marks are made once and then changed, so that they keep the focus. Benign ones come first, as on the track, so
// that they can be counted. While the finger moves, only their colours change; their links follow once it rests.
const marks = Array.from({ length: 20 }, () => near.appendChild(document.createElement("a")));
function drawNearest(nearest, settled) {
  const grouped = [...nearest].sort((a, b) => a.malignant - b.malignant);
  marks.forEach((mark, i) => {
    const { row, malignant } = grouped[i] ?? {}, diagnosis = malignant ? "malignant" : "benign";
    set(mark, "className", diagnosis);
    if (!settled) return;
    mark.hidden = row === undefined;
    mark.title = mark.ariaLabel = fna.fill(words.near_mark, { row, diagnosis });
    mark.href = `?row=${row}`;
    mark.dataset.load = "";
  });
}

// A bar for each measurement, which opens to its statistics; they are sorted by size once a value is settled.
// Their scale has steps, so that a bar that is moved does not change all the others.
function fillBars(place, { reasons, contributions }, sorted) {
  const longest = Math.max(2, ...reasons.map(({ sum }) => Math.abs(sum)), ...contributions.map(Math.abs));
  const limit = 2 ** (Math.ceil(2 * Math.log2(longest)) / 2);
  place.reasons ??= new Map(reasons.map((each) => [each.measurement.name, addReason(place, each)]));
  reasons.forEach(({ measurement, parts, sum }, at) => {
    const { reason, lines } = place.reasons.get(measurement.name), there = place.children[at];
    setBar(lines[0], sum, limit);
    if (reason.open || sorted) parts.forEach(({ share }, i) => setBar(lines[i + 1], share, limit));
    // one that stands where it should is left alone: it may be pressed just now
    if (sorted && there !== reason && !reason.contains(document.activeElement)) place.insertBefore(reason, there);
  });
}
function addReason(place, { measurement, parts }) {
  const bar = (label) => `<span class="label">${label}</span><i class="bar"><b></b></i><span class="share"><b></b></span>`;
  place.insertAdjacentHTML("beforeend", `<details class="reason" data-reason="${measurement.name}"><summary class="line">${bar(measurement.label)}</summary>${
    parts.map(({ feature }) => `<p class="line">${bar(feature.column)}</p>`).join("")}</details>`);
  const reason = place.lastElementChild;
  return { reason, lines: all(".line", reason).map((line) => ({ bar: one(".bar", line), length: one(".bar b", line), number: one(".share b", line) })) };
}
function setBar(line, share, limit) {
  const percent = Math.round(1000 * Math.min(Math.abs(share) / limit, 1)) / 10;
  set(line.bar, "className", share >= 0 ? "bar malignant" : "bar benign");
  if (line.percent !== percent) line.length.style.backgroundSize = `${line.percent = percent}% 100%`;
  text(line.number, fna.signed(share));
}
bars.addEventListener("toggle", () => fillBars(bars, fna.predict(values), true), true);
more.addEventListener("toggle", () => explainNumber(fna.predict(values)));
fna.fillBars = (place, prediction) => fillBars(place, prediction, true);
fna.current = () => fna.predict(values); // the case on screen

const allReasons = one("[data-do=all-reasons]");
function showReasons(every) {
  bars.parentElement.classList.toggle("every", every);
  text(allReasons, every ? words.why_fewer : fna.fill(words.why_all, { count: data.measurements.length }));
}

// ---- which case this is, and its address

const changes = () => features.filter((_, i) => values[i] !== start.values[i]);

function linkOf() {
  const changed = changes();
  if (changed.length > data.max_changes) return `x=${values.map(digits).join("_")}`;
  return [start.link, ...changed.map((feature) => `${feature.name}=${digits(values[features.indexOf(feature)])}`)].join("&");
}

// Parameters of Gradio, of the frame's theme and of tabs stay in the address.
const foreign = () => [...new URLSearchParams(location.search)].filter(([key]) => /^(__.*|theme|view|tab|curve|threshold|prevalence)$/.test(key));

function addressOf(link) {
  const query = [new URLSearchParams(foreign()).toString(), link].filter(Boolean).join("&");
  return location.pathname + (query && `?${query}`);
}

function showCase(problem = "") {
  const changed = changes(), link = linkOf();
  const form = changed.length === 0 ? words.changed_none : changed.length === 1 ? words.changed_one : words.changed_many;
  text(out.case, fna.fill(form, { name: start.title, feature: changed[0]?.spoken, count: changed.length }));
  const undo = one("[data-undo]"), truth = one(".truth"), fault = one(".answer .problem");
  undo.hidden = changed.length === 0;
  undo.href = `?${start.link}`;
  truth.hidden = changed.length > 0 || !start.diagnosis;
  if (truth.dataset.of !== start.link) truth.open = false;
  truth.dataset.of = start.link;
  text(out.truth, [words.truth[start.diagnosis], start.why].filter(Boolean).join(" ").replace(/^(It was \w+\.) \1/, "$1"));
  fault.hidden = !problem;
  text(fault, problem);
  answer.dataset.link = link;
  for (const each of all(".cases a")) {
    const here = each.getAttribute("href") === `?${link}`;
    each.toggleAttribute("aria-current", here);
    if (!here) continue;
    each.setAttribute("aria-current", "true");
    each.parentElement.scrollLeft += each.getBoundingClientRect().left - 16; // on a phone the row may be scrolled
  }
  for (const choice of all("select[data-load]")) {
    choice.value = link;
    if (choice.selectedIndex < 0) choice.selectedIndex = 0; // none of the cases: "Start from"
  }
  for (const each of all("a[data-full]")) each.href = `./?${link}`;
}

function remember(replace) {
  const address = addressOf(answer.dataset.link);
  if (address !== location.pathname + location.search) history[replace ? "replaceState" : "pushState"](null, "", address);
  if (document.referrer.startsWith("https://huggingface.co/")) parent.postMessage({ queryString: location.search.slice(1) }, "https://huggingface.co");
  document.dispatchEvent(new Event("explorer:answer"));
}

// A value is settled: the slider was released or the number entered.
function settle(part) {
  speak(part);
  draw(true);
  showCase();
  remember(last === part.feature.name);
  last = part.feature.name;
  confirm();
}

// Show a whole case: one of those in the page, or any other by its link.
function place(found, remembered) {
  values = [...found.values];
  start = found.start;
  last = null;
  unconfirm();
  for (const part of cells) (show(part), speak(part));
  draw(true);
  showCase(found.problem);
  if (remembered) remember(false);
  else document.dispatchEvent(new Event("explorer:answer"));
  confirm();
}

let loading = 0;
async function load(query, remembered = true) {
  const link = query.replace(/^\?/, "");
  const known = data.cases.find((each) => each.link === link);
  const mine = (loading += 1);
  if (known) return void place({ values: known.values, start: known }, remembered);
  const slow = setTimeout(() => root.classList.add("replacing"), NOTICEABLE);
  const found = await ask(`case?${link}`, {}, (why) => fna.fill(words.not_loaded, { why }), () => load(query, remembered), () => mine === loading);
  clearTimeout(slow);
  if (mine === loading) root.classList.remove("replacing");
  if (found) place(found, remembered);
}

// ---- the server: it confirms the number and adds the warnings

let asked = 0;
const waits = new Set();

function unconfirm() {
  asked += 1; // an answer that is still to come is about other numbers
  if (answered === false) return;
  answered = false;
  root.classList.add("touched");
  setTimeout(() => { if (answered === false) root.classList.add("unconfirmed"); }, NOTICEABLE);
}

async function confirm() {
  const mine = (asked += 1);
  const body = JSON.stringify({ features: Object.fromEntries(features.map(({ name }, i) => [name, values[i]])) });
  const options = { method: "POST", headers: { "content-type": "application/json" }, body };
  const found = await ask("v1/predict", options, (why) => fna.fill(words.unconfirmed, { why }), confirm, () => mine === asked);
  if (!found) return;
  answered = found;
  root.classList.remove("unconfirmed");
  warn(found.warnings);
  text(brief, found.warnings[0]?.message ?? out.sentence.textContent);
  if (found.model.sha256 !== data.model.sha256) say(words.newer_model, () => location.reload(), words.reload);
}

// Send one request. If there is no answer, say so in place, and try again: when a limit has passed, when the network is
// back, or after a while.
async function ask(address, options, saying, again, wanted) {
  const stop = new AbortController();
  const tooLate = setTimeout(() => stop.abort(), TIMEOUT);
  const slow = setTimeout(() => { if (wanted()) say(words.waiting); }, NOTICEABLE);
  let why = words.why_lost, pause = 5;
  try {
    const response = await fetch(address, { ...options, signal: stop.signal });
    if (response.ok) {
      const found = await response.json();
      if (!wanted()) return null;
      say("");
      return found;
    }
    pause = Math.min(Number(response.headers.get("retry-after")) || 5, 60);
    why = { 429: words.why_limit, 503: words.why_busy }[response.status] ?? fna.fill(words.why_refused, { status: response.status });
  } catch {
    if (stop.signal.aborted) why = fna.fill(words.why_late, { seconds: TIMEOUT / 1000 });
  } finally {
    clearTimeout(tooLate);
    clearTimeout(slow);
  }
  if (!wanted()) return null;
  say(`${saying(why)} ${fna.fill(words.retry_in, { seconds: pause })}`, again, words.retry, true);
  waits.add(setTimeout(() => { if (wanted()) again(); }, 1000 * pause));
  return null;
}

// Show what is wrong below the number, with a button to try again.
let mend = null;
const state = one(".state");
function say(said, action, label, failed = false) {
  for (const wait of waits) clearTimeout(wait);
  waits.clear();
  mend = action ?? null;
  state.hidden = !said;
  root.classList.toggle("failed-to-ask", failed);
  state.replaceChildren(said);
  if (action) state.append(" ", Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: label }));
}
state.addEventListener("click", ({ target }) => { if (target.matches("button")) mend?.(); });
window.addEventListener("online", () => { if (root.classList.contains("failed-to-ask")) mend?.(); });

// Warnings are shown in full next to the answer, counted at the number, and marked at their sliders; on a phone they are
// below the first slider that they concern.
const warnings = one("#warnings");
function warn(found) {
  const form = found.length === 0 ? "" : found.length === 1 ? words.warned_one : words.warned_many;
  text(out.warned, fna.fill(form, { count: found.length }));
  const marked = new Set(found.flatMap((warning) => warning.features));
  for (const { feature, cell } of cells) {
    cell.classList.toggle("marked", marked.has(feature.name));
    one(".said", cell)?.remove();
  }
  warnings.replaceChildren();
  if (!found.length) return;
  const list = document.createElement("ul");
  for (const warning of found) {
    list.append(Object.assign(document.createElement("li"), { textContent: warning.message }));
    const cell = cells.find(({ feature }) => feature.name === warning.features[0])?.cell;
    if (cell && !one(".said", cell)) cell.append(Object.assign(document.createElement("p"), { className: "said", textContent: warning.message }));
  }
  warnings.append(Object.assign(document.createElement("h2"), { textContent: words.warnings }), list);
}

// ---- what a measurement measures, drawn on one nucleus

const note = Object.assign(document.createElement("div"), { id: "explained", role: "tooltip", hidden: true });
document.body.append(note);
let explained = null;
function explain(button) {
  if (explained === button) return;
  explained?.setAttribute("aria-expanded", "false");
  explained?.removeAttribute("aria-describedby");
  explained = button;
  note.hidden = !button;
  if (!button) return;
  const measurement = data.measurements.find(({ name }) => name === button.dataset.measurement);
  note.innerHTML = `<svg viewBox="-1.5 -1.25 3 2.5" aria-hidden="true">${DEFINITIONS[measurement.name]?.() ?? ""}</svg><p></p>`;
  text(note.lastElementChild, measurement.meaning);
  button.setAttribute("aria-expanded", "true");
  button.setAttribute("aria-describedby", note.id);
  button.after(note);
}
const namesOf = (target) => target.closest?.("button[data-measurement]");
grid.addEventListener("pointerover", ({ target, pointerType }) => {
  if (pointerType === "mouse") explain(namesOf(target) ?? (note.contains(target) ? explained : null));
});
grid.addEventListener("pointerleave", ({ pointerType }) => { if (pointerType === "mouse") explain(null); });
grid.addEventListener("focusin", ({ target }) => explain(namesOf(target) ?? null));
document.addEventListener("keydown", ({ key }) => { if (key === "Escape") explain(null); });

// ---- links, choices, buttons

document.addEventListener("click", (event) => {
  const name = namesOf(event.target);
  if (name) {
    if (explained === name && name.dataset.tapped) explain(null);
    else explain(name);
    name.dataset.tapped = explained ? "yes" : "";
  } else if (!note.contains(event.target)) explain(null);
  const link = event.target.closest("a[data-load]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
    event.preventDefault();
    load(link.getAttribute("href"));
    one(`[role="tab"][data-tab-id="${link.dataset.tab}"]`)?.click();
  }
  const button = event.target.closest("button[data-do]");
  const act = {
    print: () => window.print(),
    "copy-code": () => copy(button, button.closest("details").querySelector("pre").textContent),
    "copy-link": () => copy(button, new URL(addressOf(linkOf()), location.href).href),
    "all-reasons": () => showReasons(!bars.parentElement.classList.contains("every")),
  };
  if (button) act[button.dataset.do]?.();
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("select[data-load]")) load(target.value);
});
window.addEventListener("popstate", () => load(caseIn(location.search), false));

// The part of an address that is about the case; if there is none, it means the opening case.
function caseIn(search) {
  const kept = foreign().map(([key]) => key);
  const query = new URLSearchParams([...new URLSearchParams(search)].filter(([key]) => !kept.includes(key)));
  return query.toString() || data.cases[0].link;
}

async function copy(button, content) {
  try {
    await navigator.clipboard.writeText(content);
  } catch { // without https there is no clipboard, but the old command works
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
  document.body.classList.replace("dark", "inked"); // paper is light
  for (const place of all("[data-here]")) place.textContent = location.href;
});

window.addEventListener("afterprint", () => document.body.classList.replace("inked", "dark"));

// In a frame, report the height to the page around it.
if (one(".framed")) {
  const tell = () => parent.postMessage({ type: "breast-fna-explorer", height: one(".framed").offsetHeight }, "*");
  new ResizeObserver(tell).observe(one(".framed"));
}

// Until Gradio has built the tabs, the address holds the one that is clicked (ui/tabs.js).
one(".twin")?.addEventListener("click", ({ target }) => {
  if (!target.dataset.tab) return;
  one(".twin .open").className = "";
  target.className = "open";
  const query = new URLSearchParams(location.search);
  query.set("tab", target.dataset.tab);
  history.replaceState(history.state, "", `?${query}`);
});

// Gradio builds the other tabs; if its files do not arrive in time, a sentence says so.
function miss() {
  if (!one("#tabs") || one("#tabs .lost, [role=tab]")) return;
  one("#tabs").insertAdjacentHTML("beforeend", `<p class="lost" role="alert">${words.tabs_missing} <button type="button" class="button">${words.reload}</button></p>`);
  one("#tabs .lost button").addEventListener("click", () => location.reload());
}
window.addEventListener("error", () => { if (window.missing) miss(); }, true);
if (window.missing) miss();
window.addEventListener("load", () => setTimeout(miss, 2 * TIMEOUT));

showReasons(false);
for (const part of cells) (show(part), speak(part));
draw(true);
showCase(data.case.problem);
answered = false;
confirm();
one("#failed").remove();
