// Runs once, when the evidence tab is first opened. For a threshold and a prevalence it shows missed cancers and false
// alarms, from counts in the tab, and the probability of the case on screen at that prevalence.

const { percent, signed } = fna;
const { recall, remember } = fnaTabs;
let counts, own; // the counts at each threshold, among others (ui/threshold.py); the dials as they came
const settings = {}; // threshold and prevalence, exact

const logit = (p) => Math.log(p / (1 - p));
const sigmoid = (u) => 1 / (1 + Math.exp(-u));
const position = (p) => 500 + (500 * logit(p)) / counts.edge;
const exact = (p) => `${(100 * p).toFixed(1)} %`;

// With two significant digits, counted from the nearer end: 30 %, 0.52 %, 99.2 %.
const short = (p) => `${Number((100 * p).toFixed(Math.min(p, 1 - p) < 0.0995 ? 2 : 1))} %`;

// What a visitor types: "30 %" and "30" are 30 %, and so is "0.3", because below 1 it is a share; "1" is 1 %.
function read(typed) {
  const number = Number(typed.replace(",", ".").replace("%", "").trim() || NaN);
  const p = typed.includes("%") || number >= 1 ? number / 100 : number;
  return p > 0 && p < 1 ? p : NaN;
}

// The 95 % interval of k out of n (Wilson).
function interval(k, n) {
  const z = 1.96, share = k / n, scale = 1 + (z * z) / n;
  const middle = (share + (z * z) / (2 * n)) / scale;
  const reach = (z / scale) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return `${exact(middle - reach)} to ${exact(middle + reach)}`;
}

// How much more often a result occurs in the first kind than in the second, with half a specimen added to each count.
function ratio(name, [a, of], [b, among]) {
  const [first, second] = [(a + 0.5) / (of + 1), (b + 0.5) / (among + 1)];
  const reach = 1.96 * Math.sqrt(1 / (a + 0.5) - 1 / (of + 1) + 1 / (b + 0.5) - 1 / (among + 1));
  const [value, low, high] = [0, -reach, reach].map((off) => ((first / second) * Math.exp(off)).toPrecision(2)).map(Number);
  say(name, value);
  say(`${name}-interval`, `${low} to ${high}`);
}

function say(name, content) {
  for (const place of element.querySelectorAll(`[data-out="${name}"]`)) place.textContent = content;
}

function update() {
  const { malignant, benign } = counts;
  const row = counts.threshold.indexOf(settings.threshold);
  const [missed, alarms] = [counts.missed[row], counts.alarms[row]];
  const found = malignant - missed, cleared = benign - alarms;
  const sensitivity = found / malignant, specificity = cleared / benign;
  const whole = { missed: Math.round(missed), alarms: Math.round(alarms) };
  say("missed", whole.missed);
  say("found", malignant - whole.missed);
  say("alarms", whole.alarms);
  say("cleared", benign - whole.alarms);
  say("sensitivity", exact(sensitivity));
  say("sensitivity-interval", interval(found, malignant));
  say("specificity", exact(specificity));
  say("specificity-interval", interval(cleared, benign));
  ratio("positive_ratio", [found, malignant], [alarms, benign]);
  ratio("negative_ratio", [missed, malignant], [cleared, benign]);
  thousand(sensitivity, specificity);
  oneCase();
  mark("malignant", (i) => i < whole.missed);
  mark("benign", (i) => i >= benign - whole.alarms);
  point(1 - specificity, sensitivity);
}

// The same rates where malignant is rarer or more common than in the data, in whole specimens of a thousand.
function thousand(sensitivity, specificity) {
  const ill = 1000 * settings.prevalence, well = 1000 - ill;
  const found = ill * sensitivity, alarms = well * (1 - specificity), missed = ill - found, cleared = well - alarms;
  say("ppv", found + alarms ? exact(found / (found + alarms)) : "–");
  say("npv", missed + cleared ? exact(cleared / (missed + cleared)) : "–");
  const shown = (number) => (number > 0 && number < 1 ? "fewer than 1" : Math.round(number));
  for (const [name, number] of Object.entries({ ill, found, missed, alarms })) say(`thousand-${name}`, shown(number));
}

// The case on screen at that prevalence: all log-odds move by the difference between those of the two prevalences.
function oneCase() {
  const now = fna.current();
  const shift = logit(settings.prevalence) - logit(own.prevalence);
  const values = { here: percent(now.probability), there: percent(sigmoid(now.logit + shift)), shift: signed(shift) };
  say("one-case", fna.fill(Math.abs(shift) < 0.005 ? counts.words.same : counts.words.case, values));
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

// The counts are for whole percentages.
const listed = (p) => counts.threshold.reduce((near, each) => (Math.abs(each - p) < Math.abs(near - p) ? each : near));

function turn(dial, p, from) {
  const name = dial.dataset.dial, [slider, field] = dial.querySelectorAll("input");
  const value = name === "threshold" ? listed(p) : p;
  settings[name] = value;
  if (from !== slider) slider.value = position(value);
  if (from !== field) field.value = short(value);
  slider.setAttribute("aria-valuetext", short(value));
  field.removeAttribute("aria-invalid");
  taken(dial, from === field ? field.value : "", value);
  remember(name, Math.abs(value - own[name]) < 1e-9 ? "" : String(Number(value.toPrecision(4))));
  update();
}

// After a number without a per cent sign, show how it was understood.
function taken(dial, typed, value) {
  const said = typed && !typed.includes("%") ? fna.fill(counts.words.taken, { typed, value: short(value) }) : "";
  dial.querySelector(".taken").textContent = said;
}

function begin() {
  const given = element.querySelector("[data-counts]");
  if (!given) return; // the evidence is of another model, and not shown
  counts = JSON.parse(given.dataset.counts);
  const dials = [...element.querySelectorAll("[data-dial]")];
  own = Object.fromEntries(dials.map((dial) => [dial.dataset.dial, Number(dial.querySelector("[data-back]").dataset.back)]));
  Object.assign(settings, own, { threshold: listed(own.threshold) });
  own.threshold = settings.threshold;
  for (const dial of dials) turn(dial, read(recall(dial.dataset.dial) ?? "") || settings[dial.dataset.dial]);
}

element.addEventListener("input", ({ target }) => {
  const dial = target.closest("[data-dial]");
  if (!dial) return;
  if (target.type === "range") {
    turn(dial, read(short(sigmoid((target.value / 500 - 1) * counts.edge))), target);
  } else {
    const p = read(target.value);
    if (p) turn(dial, p, target);
    else target.setAttribute("aria-invalid", "true");
  }
});
element.addEventListener("change", ({ target }) => { // on leaving the field, show how it was understood
  const dial = target.closest("[data-dial]");
  if (!dial) return;
  const said = dial.querySelector(".taken").textContent;
  turn(dial, settings[dial.dataset.dial]);
  dial.querySelector(".taken").textContent = said;
});
element.addEventListener("click", ({ target }) => {
  const back = target.closest("[data-back]");
  if (back) turn(back.closest("[data-dial]"), Number(back.dataset.back));
});

document.addEventListener("explorer:answer", () => { if (counts) oneCase(); });
watch("value", begin);
