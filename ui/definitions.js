// What a measurement measures, drawn on one nucleus of radius 1 that has a dent: an SVG's content by its name.

const DEFINITIONS = (() => {
  const angles = Array.from({ length: 20 }, (_, i) => (2 * Math.PI * i) / 20);
  const far = angles.map((t) => 1 + 0.2 * Math.cos(2 * t - 0.5) + 0.04 * Math.cos(5 * t) + 0.05 * Math.cos(9 * t) - 0.42 * Math.exp(-((t - 4.1) ** 2) / 0.12));
  const points = angles.map((t, i) => [far[i] * Math.cos(t), far[i] * Math.sin(t)]);
  const joined = (list, close = "Z") => `M${list.map(([x, y]) => `${x.toFixed(3)} ${y.toFixed(3)}`).join("L")}${close}`;
  const line = (...list) => `<path class="mark" d="${joined(list, "")}"/>`;
  const outline = (kind) => `<path class="${kind}" d="${joined(points)}"/>`;
  const dots = (list) => list.map(([x, y]) => `<circle r=".045" cx="${x.toFixed(3)}" cy="${y.toFixed(3)}"/>`).join("");
  const dent = [11, 12, 13, 14, 15], chord = [points[11], points[15]];
  const middle = chord[0].map((v, k) => (v + chord[1][k]) / 2);
  const axis = [points[1], points[10]];
  const figures = {
    radius: () => outline("nucleus") + points.filter((_, i) => i % 2 === 0).map((p) => line([0, 0], p)).join("") + dots([[0, 0]]),
    texture: () => outline("nucleus") + '<g class="grain">' + points.filter((_, i) => i % 3 === 0).map(([x, y], i) => `<circle r="${0.12 + 0.03 * (i % 3)}" cx="${x * 0.5}" cy="${y * 0.5}"/>`).join("") + "</g>",
    perimeter: () => outline("nucleus") + outline("mark strong"),
    area: () => outline("nucleus full"),
    smoothness: () => outline("nucleus") + [3, 4, 5].map((i) => line([0, 0], points[i])).join("") + dots([points[3], points[4], points[5]]),
    compactness: () => outline("nucleus") + '<circle class="mark" r=".98"/>',
    concavity: () => outline("nucleus") + line(...chord) + line(middle, points[13]) + dots([points[13]]),
    concave_points: () => outline("nucleus") + `<path class="mark strong" d="${joined(dent.map((i) => points[i]), "")}"/>` + dots(dent.slice(1, -1).map((i) => points[i])),
    symmetry: () => {
      const [[ax, ay], [bx, by]] = axis, length = Math.hypot(bx - ax, by - ay), [nx, ny] = [-(by - ay) / length, (bx - ax) / length];
      const sides = [0.3, 0.5, 0.7].map((share) => {
        const [x, y] = [ax + share * (bx - ax), ay + share * (by - ay)];
        const reach = [1, -1].map((side) => [0.9, 0.8, 0.7, 0.6, 0.5, 0.4].find((r) => inside(x + side * r * nx, y + side * r * ny)) ?? 0.3);
        return line([x + reach[0] * nx, y + reach[0] * ny], [x - reach[1] * nx, y - reach[1] * ny]);
      });
      return outline("nucleus") + `<path class="mark strong" d="${joined(axis, "")}"/>` + sides.join("");
    },
    fractal_dimension: () => outline("nucleus") + `<path class="mark" d="${joined(points.filter((_, i) => i % 4 === 0))}"/>` + dots(points.filter((_, i) => i % 4 === 0)),
  };
  function inside(x, y) {
    const t = (Math.atan2(y, x) + 2 * Math.PI) % (2 * Math.PI);
    return Math.hypot(x, y) < far[Math.round((t / (2 * Math.PI)) * 20) % 20];
  }
  return figures;
})();
