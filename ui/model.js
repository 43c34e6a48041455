// The model in the browser: the thirty curves of the artifact and what the page says about their sum. These are pure
// functions of the page's data (made by ui/front.py, `page_data`), so that the answer follows a finger without a network.
// The server's answer is the one that counts; tests/ui/test_model_js.py compares the two in Node.
//
// On the page `window.fna = { data, predict, percent, signed, nearest, outcomes, sentence, position }`:
//   data.features[i]      name, label, measurement, statistic, decimals, minimum, reference, offset, knots, values, scale
//   data.measurements[j]  name, label, small, large: what a small and a large value look like
//   data.nearest          rows by their out-of-fold probability, smallest first: row, log-odds, "1" for malignant
//   data.cases            the starting cases: link, title, why, diagnosis, values
//   data.words            the sentences of ui/text.py that this file fills in

function createModel(data) {
  const { features, measurements, words } = data;

  // A piecewise linear curve at u = log(value + offset), with u clipped to the range of the knots.
  function contribution({ offset, knots, values }, value) {
    const last = knots.length - 1;
    const u = Math.min(Math.max(Math.log(value + offset), knots[0]), knots[last]);
    let cell = 0;
    while (cell < last && knots[cell + 1] <= u) cell += 1;
    if (cell === last) return values[last];
    const slope = (values[cell + 1] - values[cell]) / Math.max(knots[cell + 1] - knots[cell], 1e-9);
    return values[cell] + (u - knots[cell]) * slope;
  }

  function predict(values) {
    const contributions = features.map((feature, i) => contribution(feature, values[i]));
    const logit = contributions.reduce((sum, share) => sum + share, data.logit);
    const probability = logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
    const verdict = probability >= data.benign_to ? "malignant" : probability >= data.malignant_from ? "inconclusive" : "benign";
    return { values, contributions, reasons: reasons(contributions), logit, probability, verdict };
  }

  // "97 %", "1.4 %", "< 0.1 %": never 0 or 100, because nothing here is certain.
  function percent(probability) {
    if (probability < 0.001) return "< 0.1 %";
    if (probability > 0.999) return "> 99.9 %";
    const doubt = Math.min(probability, 1 - probability);
    return `${(100 * probability).toFixed(doubt >= 0.0995 ? 0 : 1)} %`;
  }

  function signed(share) {
    const shown = Math.abs(share).toFixed(1);
    return shown === "0.0" ? shown : (share > 0 ? "+" : "\u2212") + shown;
  }

  // The position of a probability on the track, in per cent of its width.
  function position(logit) {
    return 50 + 50 * Math.min(Math.max(logit / data.edge, -1), 1);
  }

  // The specimens whose out-of-fold log-odds are nearest, ties by row, in the order of their probability.
  function nearest(logit, count = 20) {
    const { rows, logits, malignant } = data.nearest;
    const own = Math.min(Math.max(logit, -data.farthest), data.farthest);
    // They are sorted: go outwards from the position of this value until there are enough.
    let above = 0, reach = 0;
    for (let step = 512; step; step >>= 1) if (above + step <= logits.length && logits[above + step - 1] < own) above += step;
    for (let below = above - 1, taken = 0; taken < count && (below >= 0 || above < logits.length); taken += 1) {
      const down = below >= 0 ? own - logits[below] : Infinity, up = above < logits.length ? logits[above] - own : Infinity;
      reach = Math.min(down, up);
      if (down <= up) below -= 1;
      else above += 1;
    }
    let first = above, end = above; // all that are as near as that
    while (first > 0 && own - logits[first - 1] <= reach) first -= 1;
    while (end < logits.length && logits[end] - own <= reach) end += 1;
    const near = Array.from({ length: end - first }, (_, i) => first + i);
    const apart = (i) => Math.abs(logits[i] - own);
    if (near.length > count) near.sort((a, b) => apart(a) - apart(b) || rows[a] - rows[b]);
    return near.slice(0, count).sort((a, b) => a - b).map((i) => ({ row: rows[i], malignant: malignant[i] === "1" }));
  }

  function outcomes(specimens) {
    const malignant = specimens.filter((specimen) => specimen.malignant).length;
    const form = malignant === 0 ? words.near_none : malignant === specimens.length ? words.near_all
      : malignant === 1 ? words.near_one : words.near_some;
    return fill(form, { malignant, count: specimens.length });
  }

  // The contributions summed by measurement, the largest first.
  const members = measurements.map(({ name }) => features.flatMap((feature, i) => (feature.measurement === name ? [i] : [])));
  function reasons(contributions) {
    return measurements.map((measurement, m) => {
      const parts = members[m].map((i) => ({ feature: features[i], share: contributions[i] }));
      return { measurement, parts, sum: parts.reduce((sum, { share }) => sum + share, 0) };
    }).sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  }

  // What pushes the answer away from the median specimen most, and what pulls it back.
  function sentence(prediction) {
    const towards = prediction.verdict === "benign" ? -1 : 1;
    const other = { benign: "malignant", malignant: "benign", inconclusive: "benign" }[prediction.verdict];
    const side = other === "benign" ? "malignant" : "benign";
    const telling = prediction.reasons.filter(({ sum }) => Math.abs(sum) >= 0.5); // log-odds; smaller ones are not mentioned
    const said = (sign, most) => {
      const phrases = new Map();
      for (const { measurement, parts, sum } of telling.filter((reason) => reason.sum * sign > 0).slice(0, most)) {
        const { feature } = parts.reduce((a, b) => (b.share * sign > a.share * sign ? b : a));
        const index = features.indexOf(feature);
        const large = prediction.values[index] > feature.reference;
        const spread = words.spread[feature.statistic];
        const plain = (large ? measurement.large : measurement.small) || fill(words.size[large ? "large" : "small"], { feature: feature.spoken });
        const phrase = spread ? fill(spread[large ? "large" : "small"], { measurement: measurement.label.toLowerCase() }) : plain;
        const named = spread || !(large ? measurement.large : measurement.small) ? [] : [feature.spoken];
        phrases.set(phrase, [...(phrases.get(phrase) ?? []), ...named]);
      }
      return [...phrases].map(([phrase, names]) => phrase + (names.length ? ` (${names.join(", ")})` : "")).join(words.and);
    };
    const pro = said(towards, 2), contra = said(-towards, 1);
    const form = pro && contra ? words.sentence_both : pro ? words.sentence_pro : contra ? words.sentence_contra : words.sentence_nothing;
    return fill(form, { pro, contra, side, other, median: data.median });
  }

  function fill(form, values) {
    return form.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  }

  return { data, predict, percent, signed, position, nearest, outcomes, sentence, fill };
}

if (typeof module !== "undefined") module.exports = { createModel };
