// A dozen nuclei whose ten measurements are those of the sliders: a drawing from the numbers, not a picture.
//
// A nucleus is a polygon of 12 to 24 points, as in the instrument of the 1990s, and is measured with the formulas of
// that instrument (Street, Wolberg and Mangasarian 1993), see `measure`. A few dials bend a circle: how long it is, how
// lopsided, how rough, how ragged, how dented. `shape` turns the dials by a few damped Gauss-Newton steps until the
// measurements are right. What some nuclei cannot reach, the others make up for in a second round, with targets that are
// corrected by how far the mean and the worst are off. Then the size is set, which does not change the shape. All of it is
// a pure function of the numbers: the same sliders always draw the same nuclei, and similar numbers draw similar ones.
//
// The exact formulas of "concavity" and "concave points" are not known; those here are our own.

const COUNT = 12;
const STEPS = 5; // steps of the fit
const SPACING = 0.75; // 0: points at even angles from the centre, 1: evenly along the outline
const PLACES = 20; // along the long axis, where the two sides are compared
const WHERE = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const SIZE_RANK = [4, 9, 1, 6, 11, 3, 7, 0, 10, 5, 2, 8]; // by position in the drawing, so that the largest are spread over it
const BY_SIZE = WHERE.slice().sort((a, b) => SIZE_RANK[a] - SIZE_RANK[b]);
// The rank in the other measurements for each rank in size, so that the largest nuclei are not the least round.
const DENTED = [2, 9, 4, 0, 10, 3, 11, 1, 5, 6, 7, 8], ROUGH = [5, 0, 9, 3, 6, 11, 1, 10, 4, 7, 2, 8];
const RANKS = {
  compactness: DENTED, concavity: DENTED, concave_points: DENTED, smoothness: ROUGH, fractal_dimension: ROUGH,
  symmetry: [3, 10, 0, 5, 9, 1, 11, 4, 7, 2, 8, 6], texture: [6, 2, 9, 4, 0, 11, 5, 10, 1, 8, 3, 7],
};

// The same few hundred random numbers for every visitor.
let seed = 20;
function random() {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return seed / 4294967296;
}
const own = Array.from({ length: COUNT }, () => ({
  turn: 2 * Math.PI * random(), dents: Array.from({ length: 5 }, (_, i) => i * 1.2566 + 0.7 * random()),
  middle: [4, 5, 6].map((k) => [k, 2 * Math.PI * random(), 0.6 + 0.8 * random()]),
  high: [0.61, 0.77, 0.93].map((share) => [share, 2 * Math.PI * random(), 0.6 + 0.8 * random()]),
  grain: Array.from({ length: 7 }, () => [random(), 2 * Math.PI * random(), 0.6 + 0.8 * random()]),
  shift: [random() - 0.5, random() - 0.5],
}));

// What each dial adds to the radius at each of n points, and how far it moves the point along the outline, so that
// points stay about evenly spaced, as in the instrument. Computed once for each nucleus, n and number of dents.
const bent = new Map();
function bends(j, n, dents) {
  const key = (j * 64 + n) * 8 + dents;
  if (bent.has(key)) return bent.get(key);
  const { turn, middle, high, dents: places } = own[j];
  const modes = [
    [[2, -2 * turn, 1]], [[3, -3 * turn - Math.PI / 2, 1], [3, -3 * turn, 0.1]],
    high.map(([share, phase, size]) => [Math.round(share * n / 2), phase, size]), middle,
  ];
  const table = { n, adds: new Float64Array(5 * n), along: new Float64Array(5 * n), cos: new Float64Array(n), sin: new Float64Array(n) };
  for (let i = 0; i < n; i += 1) {
    const t = (2 * Math.PI * i) / n;
    modes.forEach((waves, k) => {
      for (const [wave, phase, size] of waves) {
        table.adds[5 * i + k] += size * Math.cos(wave * t + phase);
        if (k !== 2) table.along[5 * i + k] -= SPACING * size / wave * Math.sin(wave * t + phase);
      }
    });
    for (const place of places.slice(0, dents)) {
      const apart = Math.atan2(Math.sin(t - turn - place), Math.cos(t - turn - place));
      table.adds[5 * i + 4] -= Math.exp(-apart * apart / 0.08);
    }
    table.cos[i] = Math.cos(t);
    table.sin[i] = Math.sin(t);
  }
  bent.set(key, table);
  return table;
}

const X = new Float64Array(24), Y = new Float64Array(24), R = new Float64Array(24);
const left = new Float64Array(PLACES), right = new Float64Array(PLACES);

// The outline of a nucleus with radius about 1 into X and Y.
function outline({ n, adds, along, cos, sin }, dials) {
  for (let i = 0; i < n; i += 1) {
    let r = 1, shift = 0;
    for (let k = 0; k < 5; k += 1) {
      r += dials[k] * adds[5 * i + k];
      shift += dials[k] * along[5 * i + k];
    }
    r = Math.max(r, 0.15);
    const turned = 1 - shift * shift / 2; // cosine and sine of a small angle
    X[i] = r * (cos[i] * turned - sin[i] * shift);
    Y[i] = r * (sin[i] * turned + cos[i] * shift);
  }
  return n;
}

// All measurements except texture, of the first n points of X and Y.
const rulers = [0, 0, 0, 0], LOGS = [0, Math.log(2), Math.log(3), Math.log(4)];
const LOG_MEAN = (LOGS[1] + LOGS[2] + LOGS[3]) / 4, LOG_SPREAD = LOGS.reduce((sum, log) => sum + (log - LOG_MEAN) ** 2, 0);
function measure(n) {
  let area = 0, cx = 0, cy = 0, radius = 0, rough = 0, slope = 0;
  for (let step = 1; step <= 4; step += 1) {
    let length = 0;
    for (let i = 0; i < n; i += 1) {
      const far = i + step < n ? i + step : i + step - n, dx = X[far] - X[i], dy = Y[far] - Y[i];
      length += Math.sqrt(dx * dx + dy * dy);
    }
    rulers[step - 1] = length / step;
    slope += (LOGS[step - 1] - LOG_MEAN) * Math.log(rulers[step - 1]);
  }
  for (let i = 0; i < n; i += 1) {
    const k = i + 1 < n ? i + 1 : 0, cross = X[i] * Y[k] - X[k] * Y[i];
    area += cross / 2;
    cx += (X[i] + X[k]) * cross / 6;
    cy += (Y[i] + Y[k]) * cross / 6;
  }
  cx /= area;
  cy /= area;
  for (let i = 0; i < n; i += 1) {
    R[i] = Math.sqrt((X[i] - cx) * (X[i] - cx) + (Y[i] - cy) * (Y[i] - cy));
    radius += R[i] / n;
  }
  for (let i = 0; i < n; i += 1) rough += Math.abs(R[i] - (R[i ? i - 1 : n - 1] + R[i + 1 < n ? i + 1 : 0]) / 2);
  found.radius = radius;
  found.perimeter = rulers[0];
  found.area = area;
  found.smoothness = rough / rulers[0];
  found.compactness = rulers[0] * rulers[0] / (4 * Math.PI * area) - 1;
  found.fractal_dimension = -slope / LOG_SPREAD; // minus the slope of log P(k) on log k, k = 1 to 4
  found.symmetry = lopsided(n);
  dented(n, radius);
  return found;
}
const found = { radius: 0, perimeter: 0, area: 0, smoothness: 0, compactness: 0, fractal_dimension: 0, symmetry: 0, concavity: 0, concave_points: 0 };

// The two sides of the long axis (the line between the two points farthest apart), compared at many places along it.
function lopsided(n) {
  let best = 0, a = 0, b = 0;
  for (let i = 0; i < n; i += 1) {
    for (let k = i + Math.floor(n / 4); k < n && k <= i + 3 * n / 4; k += 1) {
      const far = (X[k] - X[i]) * (X[k] - X[i]) + (Y[k] - Y[i]) * (Y[k] - Y[i]);
      if (far > best) {
        best = far;
        a = i;
        b = k;
      }
    }
  }
  const length = Math.sqrt(best), ux = (X[b] - X[a]) / length, uy = (Y[b] - Y[a]) / length;
  left.fill(0);
  right.fill(0);
  for (let i = 0; i < n; i += 1) {
    const k = i + 1 < n ? i + 1 : 0, side = i >= a && i < b ? left : right;
    const x1 = (X[i] - X[a]) * ux + (Y[i] - Y[a]) * uy, y1 = Math.abs((Y[i] - Y[a]) * ux - (X[i] - X[a]) * uy);
    const x2 = (X[k] - X[a]) * ux + (Y[k] - Y[a]) * uy, y2 = Math.abs((Y[k] - Y[a]) * ux - (X[k] - X[a]) * uy);
    const first = Math.max(Math.ceil(Math.min(x1, x2) / length * PLACES - 0.5), 0);
    const last = Math.min(Math.max(x1, x2) / length * PLACES - 0.5, PLACES - 1);
    for (let p = first; p <= last; p += 1) {
      const share = ((p + 0.5) / PLACES * length - x1) / (x2 - x1 || 1);
      side[p] = Math.max(side[p], y1 + share * (y2 - y1));
    }
  }
  let apart = 0, both = 0;
  for (let p = 0; p < PLACES; p += 1) {
    apart += Math.abs(left[p] - right[p]);
    both += left[p] + right[p];
  }
  return apart / both;
}

// Our own formulas: the sum of how deep points are below the chord between the points two steps to either side, in
// radii, and the share of such points.
function dented(n, radius) {
  let deep = 0, inside = 0;
  for (let i = 0; i < n; i += 1) {
    const a = i < 2 ? i + n - 2 : i - 2, b = i + 2 < n ? i + 2 : i + 2 - n, dx = X[b] - X[a], dy = Y[b] - Y[a];
    const below = dx * (Y[i] - Y[a]) - dy * (X[i] - X[a]);
    if (below <= 0) continue;
    deep += below / Math.sqrt(dx * dx + dy * dy);
    inside += 1;
  }
  found.concavity = deep / radius;
  found.concave_points = inside / n;
}

// The number of points: with fewer, a ruler of one step misses more of a round outline, which is most of the fractal
// dimension. That of a regular polygon is the least that there can be.
function points(fractal, compactness) {
  for (let n = 12; n < 24; n += 1) if (regular(n) < fractal * (0.92 - Math.min(compactness, 0.5) * 0.5)) return n;
  return 24;
}
function regular(n) {
  return -LOGS.reduce((sum, log, k) => sum + (log - LOG_MEAN) * Math.log(Math.sin(Math.PI * (k + 1) / n) / (k + 1)), 0) / LOG_SPREAD;
}

// The differences between the measured and the wanted shape, on the logarithm; returns their sum of squares.
function residuals(table, dials, target, into) {
  measure(outline(table, dials));
  into[0] = Math.log((found.compactness + 0.004) / (target.compactness + 0.004));
  into[1] = 1.15 * Math.log((found.smoothness + 0.004) / (0.95 * target.smoothness + 0.004));
  into[2] = Math.log((found.symmetry + 0.004) / (target.symmetry + 0.004));
  into[3] = Math.log((found.fractal_dimension + 0.004) / (target.fractal_dimension + 0.004));
  into[4] = 0.25 * Math.log((found.concavity + 0.05) / (target.concavity + 0.05)); // no known formula: less weight
  return into[0] * into[0] + into[1] * into[1] + into[2] * into[2] + into[3] * into[3] + into[4] * into[4];
}

// One nucleus by damped least squares, from the dials that it had or from a first guess; each dial keeps its sign.
const base = [0, 0, 0, 0, 0], moved = [0, 0, 0, 0, 0], jacobian = Array.from({ length: 5 }, () => [0, 0, 0, 0, 0]);
const NUDGES = [0.008, 0.02, 0.004, 0.004, 0.008];
const MOST = [0.55, 0.5, 0.12, 0.2, 0.6];
function shape(j, target, { n, dials } = {}) {
  n ??= points(target.fractal_dimension, target.compactness);
  const dents = Math.min(Math.max(Math.round(target.concave_points * 18), 1), 5);
  const rows = bends(j, n, dents);
  dials ??= [
    Math.min(0.8 * Math.sqrt(Math.max(target.compactness - 0.03, 0.001)), 0.4), 0.22 * Math.max(target.symmetry - 0.06, 0.02),
    0.1 * Math.max(target.smoothness - 0.03, 0.01), 0.1 * Math.max(target.fractal_dimension - 0.04, 0.005),
    Math.min(target.concavity * 0.5, 0.3),
  ];
  let damping = 0.1, best = Infinity;
  for (let step = 0; step < STEPS; step += 1) {
    best = residuals(rows, dials, target, base);
    if (best < 1e-4) break;
    for (let k = 0; k < 5; k += 1) {
      const nudge = NUDGES[k], old = dials[k];
      dials[k] = old + nudge;
      residuals(rows, dials, target, moved);
      dials[k] = old;
      for (let m = 0; m < 5; m += 1) jacobian[m][k] = (moved[m] - base[m]) / nudge;
    }
    for (let attempt = 0; attempt < 3; attempt += 1) {
      normal(damping);
      const next = dials.map((dial, k) => Math.min(Math.max(dial - change[k], 0), MOST[k]));
      if (residuals(rows, next, target, moved) < best) {
        dials = next;
        damping /= 4;
        break;
      }
      damping = damping * 8 + 0.01;
    }
  }
  measure(outline(rows, dials));
  return { n, dials, found: { ...found }, x: X.slice(0, n), y: Y.slice(0, n) };
}

// The solution of (J'J + damping) change = J'r, by elimination; `system` is 5 rows of 6.
const system = Array.from({ length: 5 }, () => new Float64Array(6)), change = new Float64Array(5);
function normal(damping) {
  for (let i = 0; i < 5; i += 1) {
    for (let k = 0; k < 5; k += 1) {
      system[i][k] = 0;
      for (let m = 0; m < 5; m += 1) system[i][k] += jacobian[m][i] * jacobian[m][k];
    }
    system[i][i] = system[i][i] * (1 + damping) + 1e-6;
    system[i][5] = 0;
    for (let m = 0; m < 5; m += 1) system[i][5] += jacobian[m][i] * base[m];
  }
  for (let i = 0; i < 5; i += 1) {
    for (let k = i + 1; k < 5; k += 1) {
      const factor = system[k][i] / system[i][i];
      for (let c = i; c < 6; c += 1) system[k][c] -= factor * system[i][c];
    }
  }
  for (let i = 4; i >= 0; i -= 1) {
    change[i] = system[i][5];
    for (let k = i + 1; k < 5; k += 1) change[i] -= system[i][k] * change[k];
    change[i] /= system[i][i];
  }
  return change;
}

// Twelve values, smallest first, with the given mean, worst (the mean of the three largest) and, as far as these allow,
// the spread that follows from the standard error of twelve values.
const LOW = [-1.55, -1.05, -0.7, -0.35, 0, 0.3, 0.65, 1.1, 1.6], HIGH = [-1, 0.1, 0.9];
function spread(mean, error, worst) {
  worst = Math.min(Math.max(worst, mean), 3.8 * mean);
  const low = (COUNT * mean - 3 * worst) / 9, gap = worst - low;
  const wanted = (COUNT * error * error * COUNT - 3 * (worst - mean) ** 2 - 9 * (mean - low) ** 2) / 10;
  const sd = Math.min(Math.max(Math.sqrt(Math.max(wanted, 0)), 0.1 * gap), 0.45 * gap, 0.55 * low);
  return [...LOW.map((z) => low + z * sd), ...HIGH.map((z) => worst + z * Math.min(sd * 0.5, gap * 0.2))];
}

// The same for compactness, given that of the three largest nuclei, which follows from their perimeter and area.
function spreadCompactness({ mean, se, worst }, large) {
  const values = spread(mean, se, worst), three = (values[9] + values[10] + values[11]) / 3;
  const middle = Math.min(Math.max(large, 0.25 * mean), 0.95 * three, 4 * mean - three - 0.2 * mean);
  const low = (COUNT * mean - 3 * three - 3 * middle) / 6, step = Math.min(values[1] - values[0], 0.25 * low);
  return [...[-2.5, -1.5, -0.5, 0.5, 1.5, 2.5].map((z) => low + z * step), 0.93 * middle, middle, 1.07 * middle, values[9], values[10], values[11]];
}

// Radii with the given mean and worst, whose squares times `share` have the mean and worst of the areas.
function radii(radius, area, shares) {
  const worst = Math.min(Math.max(radius.worst, radius.mean), 3.8 * radius.mean), low = (COUNT * radius.mean - 3 * worst) / 9;
  const lowArea = (COUNT * area.mean - 3 * Math.max(area.worst, area.mean)) / 9;
  const mean = (list) => list.reduce((sum, share) => sum + share, 0) / list.length;
  const sd = (square, centre, most) => Math.min(Math.max(Math.sqrt(Math.max(square - centre * centre, 0)), 0.02 * centre), most);
  const above = sd(area.worst / mean(shares.slice(9)), worst, 0.3 * (worst - low));
  const below = sd(lowArea / mean(shares.slice(0, 9)), low, Math.min((worst - 1.3 * above - low) / 1.65, 0.45 * low));
  const scale = Math.sqrt(LOW.reduce((sum, z) => sum + z * z, 0) / 9);
  return [...LOW.map((z) => low + z * below / scale), ...HIGH.map((z) => worst + z * above / 0.78)];
}

// What each nucleus should measure; `specimen[measurement] = { mean, se, worst }`.
function targetsOf(specimen) {
  const targets = WHERE.map(() => ({}));
  const { perimeter, area } = specimen;
  for (const [name, ranks] of Object.entries(RANKS)) {
    const { mean, se, worst } = specimen[name];
    const large = perimeter.worst ** 2 / (4 * Math.PI * area.worst) - 1;
    const values = name === "compactness" ? spreadCompactness(specimen[name], large) : spread(mean, se, worst);
    for (const j of WHERE) targets[j][name] = Math.max(values[ranks[SIZE_RANK[j]]], 0);
  }
  return targets;
}

// Moves the targets of one measurement by as much as the mean of the three largest values, and that of the others, is off.
const FITTED = ["compactness", "smoothness", "symmetry", "fractal_dimension"];
function correct(targets, name, { mean, worst }, shapes) {
  const found = shapes.map((each) => each.found[name]).sort((a, b) => a - b);
  const factor = (wanted, values) => Math.min(Math.max(wanted * values.length / values.reduce((sum, value) => sum + value), 0.7), 1.4);
  const low = factor((COUNT * mean - 3 * worst) / 9, found.slice(0, 9)), high = factor(worst, found.slice(9));
  for (const j of WHERE) targets[j][name] *= RANKS[name][SIZE_RANK[j]] < 9 ? low : high;
}

// The nuclei of a specimen, at the sizes that it asks for, in its unit.
function nucleiOf(specimen) {
  const targets = targetsOf(specimen);
  const first = WHERE.map((j) => shape(j, targets[j]));
  FITTED.forEach((name) => correct(targets, name, specimen[name], first));
  const shapes = first.map((from, j) => shape(j, targets[j], from));
  const sizes = radii(specimen.radius, specimen.area, BY_SIZE.map((j) => shapes[j].found.area / shapes[j].found.radius ** 2));
  return shapes.map(({ found, x, y }, j) => {
    const scale = sizes[SIZE_RANK[j]] / found.radius;
    return {
      x, y, scale, texture: targets[j].texture, own: own[j],
      found: { ...found, radius: found.radius * scale, perimeter: found.perimeter * scale, area: found.area * scale * scale },
    };
  });
}

// ---- the drawing

const MEASUREMENTS = ["radius", "perimeter", "area", "compactness", "smoothness", "symmetry", "fractal_dimension", "texture", "concavity", "concave_points"];
const TOLERANCE = { radius: 0.03, perimeter: 0.03, area: 0.03, compactness: 0.2, smoothness: 0.2, symmetry: 0.2, fractal_dimension: 0.2 };
const WIDTH = 400, HEIGHT = 160, LARGEST = 1.1; // a unit is as long as this, unless they would not fit

// `specimen[measurement] = { mean, se, worst }` from the values of features.
function specimenOf(features, values) {
  const of = Object.fromEntries(features.map((name, i) => [name, values[i]]));
  return Object.fromEntries(MEASUREMENTS.map((name) => [name, { mean: of[`${name}_mean`], se: of[`${name}_se`], worst: of[`${name}_worst`] }]));
}

// Draws the nuclei in two rows; returns the outlines as they were drawn, and how long a unit is in them.
function draw(context, nuclei, { fill, opacity, wall }) {
  const reach = nuclei.map(({ x, y, scale }) => scale * Math.max(...x.map(Math.abs), ...y.map(Math.abs)));
  const rows = [0, 6].map((first) => reach.slice(first, first + 6).reduce((sum, r) => sum + 2 * r, 0));
  const zoom = Math.min(LARGEST, WIDTH / Math.max(...rows), HEIGHT / 4.2 / Math.max(...reach));
  context.clearRect(0, 0, WIDTH, HEIGHT);
  context.lineJoin = "round";
  context.lineWidth = 1.3;
  context.strokeStyle = wall;
  const outlines = nuclei.map(({ x, y, scale, own, texture }, j) => {
    const row = j < 6 ? 0 : 1, gap = (WIDTH - rows[row] * zoom) / 7, unit = zoom * scale;
    let cx = gap + reach[j] * zoom + own.shift[0] * gap * 0.5;
    for (let k = 6 * row; k < j; k += 1) cx += 2 * reach[k] * zoom + gap;
    const cy = HEIGHT * (0.26 + 0.48 * row + 0.05 * own.shift[1]);
    const outline = Array.from(x, (_, i) => [cx + x[i] * unit, cy + y[i] * unit]);
    context.beginPath();
    for (const [px, py] of outline) context.lineTo(px, py);
    context.closePath();
    context.globalAlpha = opacity;
    context.fillStyle = fill;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
    // Darker grains on a sixth of the area: their contrast makes the standard deviation of the grey levels.
    context.beginPath();
    for (const [far, turn, size] of own.grain) {
      const i = Math.floor((turn / (2 * Math.PI)) * x.length), at = (0.15 + 0.55 * far) * unit;
      const r = 0.062 * reach[j] * zoom * (1.6 + size), px = cx + x[i] * at, py = cy + y[i] * at;
      context.moveTo(px + r, py);
      context.arc(px, py, r, 0, 2 * Math.PI);
    }
    context.globalAlpha = Math.min(texture / 0.38 / 255, 0.85);
    context.fillStyle = "#000";
    context.fill();
    return outline;
  });
  return { unit: zoom, outlines };
}

// The measurements that twelve outlines could not have.
function offIn(nuclei, specimen) {
  return Object.keys(TOLERANCE).filter((name) => {
    const found = nuclei.map((nucleus) => nucleus.found[name]).sort((a, b) => a - b);
    const mean = found.reduce((sum, value) => sum + value, 0) / COUNT, worst = (found[9] + found[10] + found[11]) / 3;
    return Math.abs(mean / specimen[name].mean - 1) > TOLERANCE[name] || Math.abs(worst / specimen[name].worst - 1) > TOLERANCE[name];
  });
}

// On the page this file is a worker, so that a finger never waits for it. It is sent the canvas, its width, the names
// of the features and the colours, then the values at each move, and draws the newest that it has. Once nothing more
// comes, it reports what it drew, and which measurements are off.
if (typeof module === "undefined") {
  const REST = 120; // milliseconds
  const given = {};
  let due = 0, resting = 0;
  onmessage = ({ data }) => {
    Object.assign(given, data);
    if (given.width && given.values) due ||= setTimeout(paint);
  };
  function paint() {
    due = 0;
    const { canvas, width, features, values, look } = given;
    const context = (given.context ??= canvas.getContext("2d")); // Firefox gives it once only
    const specimen = specimenOf(features, values), nuclei = nucleiOf(specimen);
    if (canvas.width !== width) Object.assign(canvas, { width, height: Math.round(width * HEIGHT / WIDTH) });
    context.setTransform(width / WIDTH, 0, 0, width / WIDTH, 0, 0);
    const drawn = draw(context, nuclei, look);
    clearTimeout(resting);
    resting = setTimeout(() => postMessage({ ...drawn, off: offIn(nuclei, specimen) }), REST);
  }
} else module.exports = { nucleiOf, specimenOf, draw, offIn };
