'use strict';
// Draws the charts of the page from its JSON, sorts tables, enlarges pictures, colours the config.
const data = JSON.parse(document.getElementById('data').textContent);
const colors = 8;  // --k0 to --k7 of the style
const dashes = ['', '7 4', '2 3', '10 3 2 3'];

// A number for people, with at most `digits` significant digits. `size` decides about an exponent.
function short(value, digits, size = Math.abs(value)) {
  if (value !== 0 && (size < 2e-3 || size >= 1e6))
    return value.toExponential(digits - 1).replace(/\.?0+e/, 'e').replace('e+', 'e');
  const text = Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(Math.abs(value) + 1)))));
  return text.toLocaleString('en-US', {maximumFractionDigits: 8});
}

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(f => f * power).find(s => s >= raw * 0.8);
  const all = [];
  for (let n = Math.ceil(low / step - 1e-9); n * step <= high + step * 1e-9; ++n) all.push(n * step);
  return all;
}

function powers(low, high) {
  const all = [];
  for (let p = Math.ceil(low - 1e-9); p <= high + 1e-9; ++p) all.push(p);
  return all.length > 1 ? all : [low, high];
}

const color = (chart, i) => chart.one_color ? 'var(--quiet)' : `var(--k${i % colors})`;
const dash = (chart, i) => chart.one_color ? '' : dashes[Math.floor(i / colors) % dashes.length];

// The position in the ascending `x` that is nearest to `value`.
function nearest(x, value) {
  let low = 0, high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] < value) low = middle; else high = middle;
  }
  return Math.abs(x[high] - value) < Math.abs(x[low] - value) ? high : low;
}

class Chart {
  constructor(figure, chart) {
    this.chart = chart;
    this.hidden = new Set();
    this.log = false;
    this.plot = document.createElement('div');
    this.plot.className = chart.one_color ? 'plot faint' : 'plot';
    figure.append(this.plot);
    this.tip = document.createElement('div');
    this.tip.className = 'tip';
    if (!chart.one_color && chart.curves.length > 1) figure.append(this.legend());
    const positive = chart.curves.every(c => c.y.every(y => y === null || y > 0));
    if (!chart.fractions && positive) figure.firstElementChild.append(this.scale());
    new ResizeObserver(() => this.draw()).observe(this.plot);
    for (const event of ['pointermove', 'pointerdown'])
      this.plot.addEventListener(event, e => this.hover(e));
    this.plot.addEventListener('pointerleave', () => this.leave());
  }

  legend() {
    const list = document.createElement('div');
    list.className = 'legend';
    this.chart.curves.forEach((curve, i) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.setAttribute('aria-pressed', 'true');
      button.innerHTML = `<svg viewBox="0 0 18 8" aria-hidden="true"><path d="M0 4H18" style="stroke:${
        color(this.chart, i)}" stroke-dasharray="${dash(this.chart, i)}"/></svg>`;
      button.append(curve.name);
      button.addEventListener('click', () => {
        if (!this.hidden.delete(i)) this.hidden.add(i);
        button.setAttribute('aria-pressed', String(!this.hidden.has(i)));
        this.draw();
      });
      list.append(button);
    });
    return list;
  }

  scale() {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'scale';
    button.textContent = 'log';
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => {
      this.log = !this.log;
      button.setAttribute('aria-pressed', String(this.log));
      this.draw();
    });
    return button;
  }

  visible() { return this.chart.curves.map((c, i) => i).filter(i => !this.hidden.has(i)); }
  value(y) { return this.log ? Math.log10(y) : y; }

  measure() {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const i of this.visible()) {
      const {x, y} = this.chart.curves[i];
      y.forEach((value, k) => {
        if (value === null) return;
        [x0, x1] = [Math.min(x0, x[k]), Math.max(x1, x[k])];
        [y0, y1] = [Math.min(y0, this.value(value)), Math.max(y1, this.value(value))];
      });
    }
    if (x0 > x1) [x0, x1, y0, y1] = [0, 1, 0, 1];
    if (this.chart.fractions) [x0, x1, y0, y1] = [0, 1, 0, 1];
    else if (!this.log) y0 = Math.min(y0, 0);
    if (x0 === x1) [x0, x1] = [x0 - 1, x1 + 1];
    if (y0 === y1) [y0, y1] = [y0 - (Math.abs(y0) || 1) * 0.1, y1 + (Math.abs(y1) || 1) * 0.1];
    if (!this.chart.fractions) y1 += (y1 - y0) * 0.05;
    this.extent = {x0, x1, y0, y1};
  }

  across(x) { return this.left + (x - this.extent.x0) / (this.extent.x1 - this.extent.x0) * this.width; }
  up(y) {
    const {y0, y1} = this.extent;
    return this.top + (y1 - this.value(y)) / (y1 - y0) * this.height;
  }

  draw() {
    const whole = this.plot.clientWidth;
    if (whole === 0) return;
    this.measure();
    const {x0, x1, y0, y1} = this.extent;
    [this.left, this.top] = [50, 8];
    this.width = whole - this.left - 12;
    this.height = Math.round(Math.min(260, Math.max(170, whole * 0.42)));
    const bottom = this.top + this.height;
    let text = `<svg width="${whole}" height="${bottom + 40}" role="img">`;
    const rows = this.log ? powers(y0, y1) : ticks(y0, y1, 4);
    const largest = Math.max(...rows.map(tick => Math.abs(tick)));
    for (const tick of rows) {
      const shown = this.log ? 10 ** tick : tick;
      const y = this.up(shown);
      text += `<path class="grid" d="M${this.left} ${y}h${this.width}"/>` +
          `<text x="${this.left - 8}" y="${y + 4}" text-anchor="end">${
            short(shown, 3, this.log ? undefined : largest)}</text>`;
    }
    for (const tick of ticks(x0, x1, Math.max(2, Math.floor(whole / 90)))) {
      text += `<text x="${this.across(tick)}" y="${bottom + 17}" text-anchor="middle">${short(tick, 4)}</text>`;
    }
    text += `<path class="axis" d="M${this.left} ${bottom}h${this.width}"/>` +
        `<text x="${this.left + this.width}" y="${bottom + 34}" text-anchor="end" class="x-title"></text>`;
    for (const i of this.visible()) text += this.path(i);
    this.plot.innerHTML = text + '<path class="cross"/><g class="dots"></g></svg>';
    this.plot.querySelector('.x-title').textContent = this.chart.x_title;
    this.plot.append(this.tip);
    this.leave();
  }

  path(i) {
    const {x, y} = this.chart.curves[i];
    let line = '', dots = '';
    const few = x.length <= 40 && !this.chart.fractions;
    y.forEach((value, k) => {
      if (value === null) return;
      const joined = k > 0 && y[k - 1] !== null;
      const alone = !joined && (k + 1 === y.length || y[k + 1] === null);
      const at = [this.across(x[k]).toFixed(1), this.up(value).toFixed(1)];
      line += (joined ? 'L' : 'M') + at.join(' ');
      if (few || alone) dots += `<circle cx="${at[0]}" cy="${at[1]}" r="${few ? 2.5 : 3}"/>`;
    });
    return `<g data-curve="${i}" style="--c:${color(this.chart, i)}"><path class="curve" d="${line}" ` +
        `stroke-dasharray="${dash(this.chart, i)}"/>${dots}</g>`;
  }

  // The visible curves with their points next to the pointer.
  points(px, py) {
    const {x0, x1} = this.extent;
    const at = x0 + (px - this.left) / this.width * (x1 - x0);
    const found = [];
    for (const i of this.visible()) {
      const {x, y} = this.chart.curves[i];
      if (x.length === 0) continue;
      const k = nearest(x, at);
      if (y[k] !== null) found.push({i, x: x[k], y: y[k], off: Math.abs(x[k] - at)});
    }
    if (!this.chart.one_color) return found;
    const distance = p => Math.abs(this.up(p.y) - py);
    return found.sort((a, b) => distance(a) - distance(b)).slice(0, 1);
  }

  hover(event) {
    const box = this.plot.getBoundingClientRect();
    const [px, py] = [event.clientX - box.left, event.clientY - box.top];
    const all = this.points(px, py);
    if (all.length === 0) return this.leave();
    const first = all.reduce((a, b) => b.off < a.off ? b : a);
    const points = all.filter(p => p.x === first.x || p.off < (this.extent.x1 - this.extent.x0) / 50);
    const x = this.across(first.x);
    this.plot.querySelector('.cross').setAttribute('d', `M${x} ${this.top}v${this.height}`);
    this.plot.querySelector('.dots').innerHTML = points.map(p => `<circle cx="${this.across(p.x)}" cy="${
      this.up(p.y)}" r="4" style="fill:${this.chart.one_color ? 'var(--accent)' : color(this.chart, p.i)}"/>`).join('');
    for (const group of this.plot.querySelectorAll('[data-curve]'))
      group.classList.toggle('near', this.chart.one_color && Number(group.dataset.curve) === points[0].i);
    this.fill(first.x, points);
    this.tip.hidden = false;
    const left = x + 14 + this.tip.offsetWidth > box.width ? x - 14 - this.tip.offsetWidth : x + 14;
    this.tip.style.left = `${Math.max(0, left)}px`;
    this.tip.style.top = `${this.top + 4}px`;
  }

  fill(x, points) {
    const head = document.createElement('div');
    head.textContent = `${this.chart.x_title} ${short(x, 6)}`;
    this.tip.replaceChildren(head);
    for (const p of [...points].sort((a, b) => b.y - a.y).slice(0, 14)) {
      const row = document.createElement('div');
      const mark = document.createElement('i');
      mark.style.background = this.chart.one_color ? 'var(--accent)' : color(this.chart, p.i);
      const name = document.createElement('span');
      name.textContent = this.chart.curves[p.i].name;
      const value = document.createElement('b');
      value.textContent = short(p.y, 4);
      row.append(mark, name, value);
      this.tip.append(row);
    }
  }

  leave() {
    this.tip.hidden = true;
    this.plot.querySelector('.cross').removeAttribute('d');
    this.plot.querySelector('.dots').replaceChildren();
    for (const group of this.plot.querySelectorAll('.near')) group.classList.remove('near');
  }
}

for (const figure of document.querySelectorAll('[data-chart]'))
  new Chart(figure, data.charts[Number(figure.dataset.chart)]);

// A click on a title sorts by its column: numbers falling, names rising.
for (const table of document.querySelectorAll('table.sortable')) {
  table.querySelectorAll('thead th').forEach((title, column) => {
    title.firstElementChild.addEventListener('click', () => {
      const value = row => row.cells[column].dataset.value;
      const body = table.tBodies[0];
      const order = (a, b) => column === 0 ? value(a).localeCompare(value(b)) : value(b) - value(a);
      body.append(...[...body.rows].sort(order));
      for (const other of table.querySelectorAll('thead th')) other.removeAttribute('aria-sort');
      title.setAttribute('aria-sort', column === 0 ? 'ascending' : 'descending');
    });
  });
}

const enlarged = document.getElementById('enlarged');
for (const picture of document.querySelectorAll('.picture')) {
  picture.querySelector('.pair').addEventListener('click', () => {
    const pair = document.createElement('div');
    pair.className = 'pair';
    const sides = picture.querySelectorAll('.pair svg');
    pair.classList.toggle('two', sides.length === 2);
    for (const side of sides) {
      const copy = side.cloneNode(true);
      for (const image of copy.querySelectorAll('image')) image.removeAttribute('id');
      pair.append(copy);
    }
    const caption = picture.querySelector('figcaption');
    enlarged.replaceChildren(pair, ...(caption ? [caption.cloneNode(true)] : []));
    enlarged.showModal();
  });
}
enlarged.addEventListener('click', () => enlarged.close());

// Colours strings, comments, numbers and words of Python. The text stays the same.
for (const code of document.querySelectorAll('#config code')) {
  const text = code.textContent;
  const token = /(#[^\n]*)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|\b(True|False|None|dict|import)\b|\b(\d[\d.]*(?:e[+-]?\d+)?)\b/g;
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(token)) {
    const part = document.createElement('span');
    part.className = ['comment', 'string', 'word', 'number'][found.slice(1).findIndex(group => group !== undefined)];
    part.textContent = found[0];
    parts.push(text.slice(end, found.index), part);
    end = found.index + found[0].length;
  }
  code.replaceChildren(...parts, text.slice(end));
}
