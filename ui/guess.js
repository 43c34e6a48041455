// Runs once, when the guessing tab is first opened: `element` holds the question or the answer.
// Asks for specimens, sends the guess, and keeps the score, which is stored only in this browser.

const STORE = "breast-fna-explorer:guesses";
const nothing = { you: 0, model: 0, all: 0, seen: [] };
let open = false; // whether the specimen on screen is still to be guessed

function tally() {
  try {
    return { ...nothing, ...JSON.parse(localStorage.getItem(STORE)) };
  } catch { // a browser that stores nothing can still play, but without a score
    return nothing;
  }
}

function keep(counts) {
  try {
    localStorage.setItem(STORE, JSON.stringify(counts));
  } catch {}
}

function deal() {
  fnaTabs.put("guess", element, () => trigger("deal", { panel: "guess", seen: tally().seen }), deal);
}

function guess(kind) {
  if (!open) return;
  open = false; // one guess per specimen, however often a key is pressed
  const row = Number(element.querySelector("[data-row]").dataset.row);
  const send = () => fnaTabs.put("guess", element, () => trigger("guess", { panel: "guess", row, guess: kind }), send);
  send();
}

function showTally() {
  const counts = tally();
  element.querySelector(".tally").hidden = counts.all === 0;
  for (const place of element.querySelectorAll("[data-tally]")) place.textContent = counts[place.dataset.tally];
}

watch("value", () => {
  const card = element.querySelector("[data-row]");
  const answered = "you" in card.dataset;
  if (answered) {
    const { you, model, all, seen } = tally();
    const row = Number(card.dataset.row);
    keep({ you: you + Number(card.dataset.you), model: model + Number(card.dataset.model), all: all + 1, seen: [...seen, row] });
  }
  const reasons = element.querySelector("[data-values]");
  if (reasons) {
    const prediction = fna.predict(JSON.parse(reasons.dataset.values));
    element.querySelector(".sentence").textContent = fna.sentence(prediction);
    fna.fillBars(reasons, prediction);
  }
  open = !answered;
  showTally();
  if (element.getBoundingClientRect().top < 0) element.scrollIntoView(); // on a phone one has scrolled along the dots
  // The button that had the focus is gone: the focus goes to the next button, or to the question.
  if (document.activeElement === document.body) {
    card.tabIndex = -1;
    (card.querySelector("[data-next]") ?? card).focus({ preventScroll: true });
  }
});

element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button?.dataset.guess) guess(button.dataset.guess);
  if (button && "next" in button.dataset) deal();
  if (button && "reset" in button.dataset) {
    keep(nothing);
    showTally();
  }
});

// Single keys count only while the focus is in this tab.
document.addEventListener("keydown", (event) => {
  const here = event.target.closest('#guess, [data-tab-id="guess"]');
  if (!here || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  element.querySelector(`[aria-keyshortcuts="${CSS.escape(key)}"]`)?.click();
});

deal();
