// Runs once, when the tab of evidence is first opened. Shows, for a threshold and a prevalence, what the model
// misses and what it alarms; from the table of counts that came with the page.

let edge, table; // the log-odds at the end of a slider; the counts at each threshold
const settings = {}; // threshold and prevalence, exact

const sigmoid = (logit) => 1 / (1 + Math.exp(-logit));
const place = (p) => 500 + (500 * Math.log(p / (1 - p))) / edge;

function percent(p, digits = 1) {
  return `${(100 * p).toFixed(digits)} %`;
}

// As short as it is exact to two digits, seen from the nearer end: 30 %, 0.52 %, 99.2 %.
function short(p) {
  return `${Number((100 * p).toFixed(Math.min(p, 1 - p) < 0.0995 ? 2 : 1))} %`;
}

// What a visitor writes: "30 %", "30" and "0.3" are the same.
function read(written) {
  const number = Number(written.replace(",", ".").replace("%", "").trim() || NaN);
  const p = written.includes("%") || number > 1 ? number / 100 : number;
  return p > 0 && p < 1 ? p : NaN;
}

// Of a count k in n, the 95 % interval (Wilson).
function interval(k, n) {
  const z = 1.96, share = k / n, scale = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return `${percent(middle - reach)} – ${percent(middle + reach)}`;
}

function say(name, content) {
  for (const place of element.querySelectorAll(`[data-out="${name}"]`)) place.textContent = content;
}

function update() {
  const { malignant, benign, missed: misses, false_alarms } = table;
  const row = table.threshold.indexOf(settings.threshold);
  const [missed, alarms] = [misses[row], false_alarms[row]];
  const found = malignant - missed, cleared = benign - alarms;
  const sensitivity = found / malignant, specificity = cleared / benign;
  const whole = { missed: Math.round(missed), alarms: Math.round(alarms) };
  say("missed", whole.missed);
  say("found", malignant - whole.missed);
  say("alarms", whole.alarms);
  say("cleared", benign - whole.alarms);
  say("sensitivity", percent(sensitivity));
  say("sensitivity-interval", interval(found, malignant));
  say("specificity", percent(specificity));
  say("specificity-interval", interval(cleared, benign));
  thousand(sensitivity, specificity);
  mark("malignant", (i) => i < whole.missed);
  mark("benign", (i) => i >= benign - whole.alarms);
  point(1 - specificity, sensitivity);
}

// The same rates where malignant is rarer or more common than in the data, in whole specimens of a thousand.
function thousand(sensitivity, specificity) {
  const ill = 1000 * settings.prevalence, well = 1000 - ill;
  const found = ill * sensitivity, alarms = well * (1 - specificity), missed = ill - found, cleared = well - alarms;
  say("ppv", found + alarms ? percent(found / (found + alarms)) : "–");
  say("npv", missed + cleared ? percent(cleared / (missed + cleared)) : "–");
  const shown = (number) => (number > 0 && number < 1 ? "< 1" : Math.round(number));
  for (const [name, number] of Object.entries({ ill, found, missed, alarms })) say(`thousand-${name}`, shown(number));
}

function mark(kind, wrong) {
  element.querySelectorAll(`[data-kind="${kind}"] i`).forEach((each, i) => each.classList.toggle("wrong", wrong(i)));
}

function point(alarms, sensitivity) {
  const dot = element.querySelector('[data-out="roc"]');
  const [x, y] = [alarms / dot.dataset.width, (sensitivity - dot.dataset.floor) / (1 - dot.dataset.floor)];
  dot.hidden = x > 1 || y < 0;
  Object.assign(dot.style, { left: `${100 * x}%`, top: `${100 - 100 * y}%` });
}

// The table has whole per cent.
function listed(p) {
  return table.threshold.reduce((near, each) => (Math.abs(each - p) < Math.abs(near - p) ? each : near));
}

function turn(dial, p, from) {
  const [slider, field] = dial.querySelectorAll("input");
  const value = dial.dataset.dial === "threshold" ? listed(p) : p;
  settings[dial.dataset.dial] = value;
  if (from !== slider) slider.value = place(value);
  if (from !== field) field.value = short(value);
  slider.setAttribute("aria-valuetext", short(value));
  field.removeAttribute("aria-invalid");
  update();
}

function begin() {
  const { dataset } = element.querySelector("[data-edge]") ?? {};
  if (!dataset) return; // the evidence is of another model, and not shown
  const numbers = (name) => dataset[name].split(" ").map(Number);
  edge = Number(dataset.edge);
  table = { malignant: Number(dataset.malignant), benign: Number(dataset.benign) };
  for (const name of ["threshold", "missed", "false_alarms"]) table[name] = numbers(name);
  const back = (dial) => Number(dial.querySelector("[data-back]").dataset.back);
  const dials = [...element.querySelectorAll("[data-dial]")];
  for (const dial of dials) settings[dial.dataset.dial] = back(dial);
  settings.threshold = listed(settings.threshold);
  update();
}

element.addEventListener("input", ({ target }) => {
  const dial = target.closest("[data-dial]");
  if (target.type === "range") {
    turn(dial, read(short(sigmoid((target.value / 500 - 1) * edge))), target);
  } else {
    const p = read(target.value);
    if (p) turn(dial, p, target);
    else target.setAttribute("aria-invalid", "true");
  }
});
element.addEventListener("change", ({ target }) => { // leaving the field shows what it was read as
  const dial = target.closest("[data-dial]");
  if (dial) turn(dial, settings[dial.dataset.dial]);
});
element.addEventListener("click", ({ target }) => {
  const back = target.closest("[data-back]");
  if (back) turn(back.closest("[data-dial]"), Number(back.dataset.back));
});

watch("value", begin);
const chosen = () => ({});
