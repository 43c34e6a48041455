// Runs once, when the head is on the page: what all tabs but the first have in common. The list of tabs (ui/page.py) is
// `data-tabs` of the head: for each key, whether the tab shows the case on screen. Each tab has a panel, which asks the
// server for its content when it is opened, and again when the case changes while it is open.

const { tabs, late, loading, again: tryAgain } = element.querySelector("[data-tabs]").dataset;
const TABS = JSON.parse(tabs);
const TIMEOUT = 20000; // milliseconds, after which a tab says that it could not load
const waiting = new Map(); // the panels that wait for an answer, by their keys

const button = (key) => document.querySelector(`[role="tab"][data-tab-id="${key}"]`);
const opened = () => document.querySelector('[role="tab"][aria-selected="true"]')?.dataset.tabId;

// In addition to the case, the address has the open tab and what is chosen in it.
const recall = (name) => new URLSearchParams(location.search).get(name);

function remember(name, value) {
  const query = new URLSearchParams(location.search);
  if (value) query.set(name, value);
  else query.delete(name);
  const search = query.size ? `?${query}` : "";
  if (search !== location.search) history.replaceState(history.state, "", location.pathname + search);
}

// Send a request to Gradio and wait: after a while the old content is marked, and if no answer comes, a notice says so.
function put(key, element, send, retry, done = () => {}) {
  const asked = { sent: false, settle };
  const timers = [
    setTimeout(wait, 300),
    setTimeout(settle, TIMEOUT, false),
    setInterval(() => asked.sent || send(), 400), // Gradio may not have listened yet
  ];
  function wait() {
    element.classList.add("awaited");
    if (!element.textContent.trim()) notice(element, { said: loading });
  }
  function settle(answered) {
    if ((waiting.get(key) ?? asked) !== asked) return; // there is a newer request
    waiting.delete(key);
    timers.forEach(clearTimeout);
    element.classList.remove("awaited");
    notice(element, answered ? {} : { said: late, retry });
    done(answered);
  }
  waiting.set(key, asked);
  send();
}

function panel(key, { element, trigger }, event, chosen) {
  let shown = ""; // the request whose answer is on screen
  let again = false; // a request came while another one was running: Gradio would repeat the running one

  function ask() {
    if (waiting.has(key)) return void (again = true);
    const question = { panel: key, link: document.querySelector("[data-link]").dataset.link, ...chosen() };
    if (shown === JSON.stringify(question)) return;
    put(key, element, () => trigger(event, question), ask, (answered) => {
      shown = answered ? JSON.stringify(question) : "";
      if (again) ask();
      again = false;
    });
  }

  document.addEventListener("explorer:tab", ({ detail }) => { if (detail === key) ask(); });
  if (TABS[key]) document.addEventListener("explorer:answer", () => { if (opened() === key) ask(); });
  setTimeout(ask); // once the panel's own script has run
  return ask;
}

// Show what went wrong in place of the content, with a button to try again.
function notice(element, { said, retry }) {
  const before = element.previousElementSibling;
  if (before?.matches(".notice")) before.remove();
  if (!said) return;
  const button = retry ? ` <button type="button" class="button">${tryAgain}</button>` : "";
  element.insertAdjacentHTML("beforebegin", `<p class="notice ${retry ? "problem" : "lead"}" role="status">${said}${button}</p>`);
  element.previousElementSibling.querySelector("button")?.addEventListener("click", retry);
}

// What is pressed stays until it is let go: a click on what was replaced in between would be lost.
let released = Promise.resolve();
document.addEventListener("pointerdown", ({ button }) => {
  if (button === 0) released = new Promise((done) => {
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(done), { once: true });
  });
}, true);

// Gradio does not tell a component that its request failed, so the requests themselves are watched.
const request = window.fetch;
window.fetch = async (...args) => {
  const asked = waiting.get(/"panel":\s*"(\w+)"/.exec(args[1]?.body)?.[1]);
  if (!asked) return request(...args);
  asked.sent = true;
  let answered = false;
  try {
    const answer = await request(...args);
    answered = answer.ok;
    await released;
    return answer;
  } catch { // Gradio would load the whole page again once the network is back
    return Response.json({ error: late }, { status: 503 });
  } finally {
    setTimeout(asked.settle, 50, answered); // Gradio has shown it by then
  }
};
window.addEventListener("online", () => document.querySelectorAll(".notice button").forEach((each) => each.click()));

// The open tab is in the address, and an address opens its tab. Gradio selects the first tab when the page is built.
let wanted = recall("tab");
document.addEventListener("explorer:tab", ({ detail }) => {
  if (wanted in TABS && detail !== wanted) return;
  wanted = null;
  remember("tab", detail === Object.keys(TABS)[0] ? "" : detail);
});
function open(tries) {
  if (wanted === opened()) wanted = null;
  else if (wanted in TABS && button(wanted)) button(wanted).click();
  else if (wanted in TABS && tries) setTimeout(() => open(tries - 1), 50); // the tabs come after the head
  else wanted = null;
}
window.addEventListener("popstate", () => { wanted = recall("tab") ?? Object.keys(TABS)[0]; open(0); });

// A term shows its meaning when it is tapped, clicked or focused, as long as it has the focus.
const meaning = Object.assign(document.createElement("div"), { className: "term-meaning", id: "term-meaning", role: "tooltip", hidden: true });
document.body.append(meaning);
function explain(term) {
  document.querySelector(".term[aria-describedby]")?.removeAttribute("aria-describedby");
  meaning.hidden = !term;
  if (!term) return;
  meaning.textContent = term.title;
  term.setAttribute("aria-describedby", meaning.id);
  const box = term.getBoundingClientRect(), width = meaning.offsetWidth;
  meaning.style.top = `${box.bottom + scrollY + 6}px`;
  meaning.style.left = `${Math.max(16, Math.min(box.left, document.documentElement.clientWidth - width - 16)) + scrollX}px`;
}
document.addEventListener("click", ({ target }) => explain(target.closest?.(".term")));
document.addEventListener("focusin", ({ target }) => explain(target.closest?.(".term")));
document.addEventListener("keydown", ({ key }) => { if (key === "Escape") explain(null); });

// The arrow keys move along the tabs; Home and End go to the first and the last.
document.addEventListener("keydown", (event) => {
  const from = event.target.closest?.('[role="tab"]');
  const all = [...document.querySelectorAll('[role="tab"]')].filter((each) => each.checkVisibility());
  const at = all.indexOf(from);
  const to = { ArrowRight: (at + 1) % all.length, ArrowLeft: (at + all.length - 1) % all.length, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  all[to].focus();
  all[to].click();
});

const number = (value) => String(Number(value.toPrecision(4))).replace("-", "\u2212");

window.fnaTabs = { panel, put, recall, remember, number };
open(100);
