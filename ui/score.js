// Runs once, when the tab for files is first opened. Posts the chosen table to REST (`v1/score`): first for the
// summary, which is drawn here, and again for the table when "Download" is pressed. No file is kept anywhere.

const FAULTS = 30; // shown
const SHIFTS = 6; // shown at once
let words = {}, file = null, options = {}, request = null;

const escape = (said) => String(said).replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const fill = (form, values) => form.replace(/\{(\w+)\}/g, (_, name) => escape(values[name]));
const count = (number) => Number(number).toLocaleString("en");
const say = (form, number, values = {}) => fill(words[`${form}_${number === 1 ? "one" : "many"}`], { count: count(number), ...values });
const mark = (kind) => words.marks[kind] ?? "";
const label = (feature) => words.labels[feature] ?? feature;
const { percent, signed } = fna;
const { number } = fnaTabs;
const place = (part) => element.querySelector(`[data-part="${part}"]`);

function choose(table) {
  [file, options] = [table, {}];
  send();
}

// Send the file to REST; its answer goes to `done`, and an error is shown in place.
function post(accept, done) {
  request?.abort();
  request = new XMLHttpRequest(); // unlike fetch, it reports how much has been sent
  const asked = request, name = file.name;
  asked.open("POST", `v1/score?${new URLSearchParams(options)}`.replace(/\?$/, ""));
  asked.setRequestHeader("Accept", accept);
  asked.setRequestHeader("Content-Type", "text/csv");
  asked.responseType = "blob";
  asked.upload.onprogress = ({ loaded, total }) => progress(fill(loaded < total ? words.sending : words.scoring, { name }), loaded / total);
  asked.onload = () => {
    progress();
    if (asked.status === 200) done(asked.response);
    else refused(asked);
  };
  asked.onerror = () => { progress(); trouble(fill(words.lost, { name })); };
  progress(fill(words.scoring, { name }), 0);
  asked.send(file);
}

function progress(said = "", share = 0) {
  const bar = said && `<label>${said}<progress max="1" ${share < 1 ? `value="${share}"` : ""}></progress></label>`;
  place("progress").innerHTML = bar;
}

function trouble(said, buttons = [[words.again, {}]]) {
  const all = buttons.map(([name, option]) => `<button type="button" class="button" data-option='${JSON.stringify(option)}'>${escape(name)}</button>`);
  place("report").innerHTML = `<div class="problem" role="alert"><p>${said}</p>${all.join(" ")}</div>`;
  bringIntoView();
}

// If an option would make the table acceptable, which programs set in the query, offer a button for it.
async function refused({ status, response, getResponseHeader }) {
  let problem = {};
  try {
    problem = JSON.parse(await response.text());
  } catch {} // not from REST, but from a proxy in between
  const why = (problem.detail ?? `${status}`).replace(/^table: /, "");
  const said = spoken(why).replace(/\.?$/, ".");
  const meant = { meaningless: [[words.anyway, { scale: "any" }]], headless: [[words.in_order, { header: "standard" }]] };
  const buttons = status === 422 ? (meant[problem.faults?.[0].code] ?? []) : undefined;
  trouble(`${fill(words.refused, { name: file.name })} ${escape(said)}`, buttons);
}

// The message without the advice for programs, because a button replaces it.
const spoken = (message) => message.replace(/ \((--|\?)[^)]*\)/g, "");

const send = () => post("application/json", async (answer) => report(JSON.parse(await answer.text())));

function download() {
  post("text/csv", (table) => {
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(table), download: `scored-${file.name}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });
}

function bringIntoView() {
  const top = place("progress");
  if (top.getBoundingClientRect().top < 0 || top.getBoundingClientRect().top > innerHeight / 2) top.scrollIntoView();
}

// The summary: notices first, then the counts, how the table differs, the rows worth a look, and the faults.
function report(summary) {
  const parts = [notices(summary), counts(summary), truth(summary)];
  parts.push(`<div class="pair">${histogram(summary)}${evaluation(summary)}</div>`, differs(summary), rows(summary), faults(summary));
  place("report").innerHTML = parts.join("");
  bringIntoView();
}

const section = (title, lead, content) => `<section><h2>${title}</h2>${lead && `<p class="lead">${lead}</p>`}${content}</section>`;
// Each cell has a copy of its head, because on a phone the cells of a row are below each other.
function table(kind, heads, lines) {
  const top = heads.map((head) => (head ? `<th scope="col">${head}</th>` : "<td></td>")).join("");
  const body = lines.map((line) => {
    let place = 0;
    return line.replace(/<t[dh]\b[^>]*/g, (cell) => `${cell} data-head="${heads[place++] ?? ""}"`);
  });
  return `<table class="plain ${kind}"><thead><tr>${top}</tr></thead><tbody>${body.join("")}</tbody></table>`;
}

function notices({ notices }) {
  return notices.map(({ severity, message }) => `<p class="problem ${severity}" role="alert"><b>${words.severities[severity] ?? ""}</b> ${escape(spoken(message))}</p>`).join("");
}

function counts({ counts }) {
  const kinds = ["malignant", "benign", "inconclusive"].map((kind) => [mark(kind), words.verdicts[kind], counts.verdicts[kind]]);
  const items = [...kinds, ["", words.warned, counts.warned]].map(([sign, name, number]) => `<div><dt>${sign} ${name}</dt><dd><b>${count(number)}</b></dd></div>`);
  const faulty = counts.faulty ? ` ${say("faulty", counts.faulty)}` : "";
  const said = say("scored", counts.scored, { name: file.name, rows: count(counts.rows) });
  return `<div role="status"><h2>${said}${faulty}</h2><p class="lead">${words.adds_up}</p><dl class="figures">${items.join("")}</dl></div>
    <p class="offers"><button type="button" class="button" data-download>${words.download}</button></p>`;
}

function truth({ truth }) {
  if (!truth) return "";
  const codes = truth.used || truth.codes.length !== 2 ? [] : truth.codes;
  const buttons = codes.map((code) => `<button type="button" class="button" data-option='${escape(JSON.stringify({ malignant: code }))}'>${fill(words.is_malignant, { code })}</button>`);
  return `<div class="truth-column"><p>${escape(spoken(truth.message))}</p>${buttons.join(" ")}</div>`;
}

function histogram({ histogram, counts }) {
  if (!counts.scored) return "";
  const most = Math.max(...histogram, 1), width = 100 / histogram.length;
  const bars = histogram.map((height, i) => {
    const p = (i + 0.5) / histogram.length;
    const kind = p >= words.benign_to ? "malignant" : p < words.malignant_from ? "benign" : "zone";
    return `<rect class="${kind}" x="${(i + 0.06) * width}" width="${0.88 * width}" y="${100 - (100 * height) / most}" height="${(100 * height) / most}"/>`;
  });
  const ticks = [0, 25, 50, 75, 100].map((at) => `<span style="left:${at}%">${at}\u00a0%</span>`);
  const figure = `<figure class="plot" role="img" aria-label="${words.histogram}"><div class="up"><span style="top:0">${count(most)}</span><span style="top:100%">0</span></div>
    <div class="box"><svg viewBox="0 0 100 100" preserveAspectRatio="none">${bars.join("")}</svg></div>
    <div class="across">${ticks.join("")}</div><figcaption>${words.probability}</figcaption></figure>`;
  return section(words.histogram, words.histogram_lead, figure);
}

function evaluation({ evaluation }) {
  if (!evaluation) return "";
  const { confusion } = evaluation;
  const lines = ["malignant", "benign"].map((kind) => `<tr><th scope="row">${mark(kind)} ${words.truly[kind]}</th><td><b>${count(confusion[kind].malignant)}</b></td><td><b>${count(confusion[kind].benign)}</b></td></tr>`);
  const rate = (share) => (share === null ? "–" : percent(share));
  const figure = (value) => (value === null ? "–" : value > 0 && value < 0.001 ? value.toPrecision(2) : value.toFixed(3));
  const items = [["sensitivity", rate(evaluation.sensitivity)], ["specificity", rate(evaluation.specificity)], ["auc", figure(evaluation.auc)], ["log_loss", figure(evaluation.log_loss)]];
  const list = items.map(([key, value]) => `<dt>${words.metrics[key]}</dt><dd>${value}</dd>`).join("");
  return section(words.truth, say("truth_lead", evaluation.rows), `${table("counts", ["", ...words.called], lines)}<dl class="papers">${list}</dl>`);
}

// How far each feature is off, in standard deviations of the data, to either side of the middle.
function differs({ differs }) {
  if (!differs) return "";
  const reach = Math.max(1, ...differs.features.map(({ shift }) => Math.abs(shift)));
  const lines = differs.features.map(({ feature, median, median_data, shift, p_value }) => {
    const length = (50 * Math.abs(shift)) / reach;
    const bar = `<svg class="shift" aria-hidden="true"><rect x="${shift < 0 ? 50 - length : 50}%" width="${length}%" y="1" height="10"/></svg>`;
    return `<tr><th scope="row">${escape(label(feature))}</th><td>${number(median)}</td><td>${number(median_data)}</td><td>${bar}</td><td>${signed(shift)}</td><td>${p_value < 0.01 ? words.sure : words.unsure}</td></tr>`;
  });
  const shown = table("stack shifts", words.differs_heads, lines.slice(0, SHIFTS));
  const rest = lines.length > SHIFTS ? `<details class="more-rows"><summary>${fill(words.all_features, { count: lines.length })}</summary>${table("stack shifts", words.differs_heads, lines.slice(SHIFTS))}</details>` : "";
  return section(words.differs, escape(differs.message), shown + rest);
}

function rows({ rows }) {
  if (!rows.length) return "";
  const lines = rows.map((row) => {
    const values = Object.keys(words.labels).map((name) => String(row.features[name]).replace("e+", "e")).join("_");
    const reasons = [words.reasons[row.reason], row.warnings && warnings(row.warnings)].filter(Boolean).join(" ");
    const truth = row.truth ? `${mark(row.truth)} ${words.verdicts[row.truth]}` : "–";
    return `<tr><th scope="row">${count(row.line)}</th><td>${percent(row.probability)}</td><td>${mark(row.verdict)} ${words.verdicts[row.verdict]}</td><td>${truth}</td><td>${escape(reasons)}</td>
      <td><a class="button" href="?x=${values}" data-load data-tab="explore">${words.open}</a></td></tr>`;
  });
  return section(words.rows, words.rows_lead, table("stack rows", words.rows_heads, lines));
}

// Turns codes such as `out_of_range:radius_mean` into words.
function warnings(codes) {
  return codes.split(" ").map((each) => {
    const [code, names] = each.split(":");
    const features = names ? ` (${names.split("+").map(label).join("; ")})` : "";
    return `${words.warnings[code] ?? code}${features}.`;
  }).join(" ");
}

function faults({ faults }) {
  if (!faults.count) return "";
  const lines = faults.shown.slice(0, FAULTS).map(({ line, feature, value, message }) => `<tr><th scope="row">${count(line)}</th><td>${escape(label(feature))}</td><td>${escape(value)}</td><td>${escape(message)}</td></tr>`);
  const lead = lines.length < faults.count ? fill(words.faults_some, { shown: lines.length, count: count(faults.count) }) : words.faults_all;
  return section(words.faults, lead, table("stack faults", words.faults_heads, lines));
}

element.addEventListener("change", ({ target }) => {
  if (target.type === "file" && target.files.length) choose(target.files[0]);
  if (target.type === "file") target.value = ""; // the same file may be chosen again
});
element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.option) {
    options = { ...options, ...JSON.parse(button.dataset.option) };
    send();
  }
  if (button && "download" in button.dataset) download();
  if (button && "sample" in button.dataset) choose(new File([words.sample], "sample.csv"));
});
for (const event of ["dragover", "drop"]) {
  element.addEventListener(event, (dropped) => {
    dropped.preventDefault();
    if (event === "drop" && dropped.dataTransfer.files.length) choose(dropped.dataTransfer.files[0]);
  });
}
watch("value", () => {
  const given = element.querySelector("[data-words]");
  if (given) words = JSON.parse(given.dataset.words);
});
