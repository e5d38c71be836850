// What a reader cannot see of a page without moving something sideways, and what is hard to read.
const inside = (element) => {
  const box = element.getBoundingClientRect();
  return box.width && box.height;
};
const name = (element) => `${element.tagName} ${(element.innerText ?? element.textContent).trim().slice(0, 50)}`;
const content = document.querySelector(".md-content");
const all = (selector) => [...content.querySelectorAll(selector)].filter(inside);

// A box that is wider than its window: `element` itself scrolls, or one around it does.
const scrolls = (element) => element.scrollWidth > element.clientWidth + 1;
const cut = (element) => {
  const { left, right } = element.getBoundingClientRect();
  for (let box = element.parentElement; box && box !== content; box = box.parentElement) {
    const edge = box.getBoundingClientRect();
    if (getComputedStyle(box).overflowX !== "visible" && (right > edge.right + 1 || left < edge.left - 1))
      return true;
  }
  return right > document.documentElement.clientWidth + 1 || left < -1;
};
const code = all("pre > code");
const tables = all("table");

// Contrast, as WCAG defines it.
const channels = (colour) => {
  const [r, g, b, a = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  const unit = colour.startsWith("color(srgb") ? 1 : 255;
  return [r / unit, g / unit, b / unit, a];
};
const over = (front, back) => [0, 1, 2].map((i) => front[i] * front[3] + back[i] * (1 - front[3])).concat(1);
const known = new Map([[null, [1, 1, 1, 1]]]);
const background = (element) => {
  if (!known.has(element)) {
    const own = channels(getComputedStyle(element).backgroundColor);
    known.set(element, over(own, background(element.parentElement)));
  }
  return known.get(element);
};
const luminance = (colour) => {
  const [r, g, b] = colour.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (element) => {
  const back = background(element);
  const [low, high] = [luminance(over(channels(getComputedStyle(element).color), back)), luminance(back)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const written = new Map();
for (const walk = document.createTreeWalker(content, NodeFilter.SHOW_TEXT); walk.nextNode(); ) {
  const { parentElement } = walk.currentNode;
  if (!walk.currentNode.data.trim() || !inside(parentElement) || parentElement.closest(".headerlink, script, style")) continue;
  const { color } = getComputedStyle(parentElement);
  const key = `${color} ${background(parentElement)}`;
  if (!written.has(key)) written.set(key, parentElement);
}

const text = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
const raw = [];
while (text.nextNode()) {
  if (text.currentNode.parentElement.closest("code, script, style, math")) continue;
  if (/\\\(|\\\[|\$[^$\s]/.test(text.currentNode.data)) raw.push(text.currentNode.data.trim().slice(0, 50));
}

return {
  counts: { code: code.length, tables: tables.length, formulas: all("math").length },
  page: document.documentElement.scrollWidth > document.documentElement.clientWidth,
  code: code.filter((element) => scrolls(element) || cut(element)).map(name),
  tables: tables.filter((element) => scrolls(element) || cut(element)).map(name),
  others: [...all("math, img, h1, h2, h3, h4, p, li, svg").filter(cut), ...all(".formula").filter(scrolls)].map(name),
  broken: code
    .filter((element) => !element.closest(".output"))
    .flatMap((element) => [...element.querySelectorAll("span[id^='__span']")])
    .filter((line) => line.getBoundingClientRect().height > 1.6 * parseFloat(getComputedStyle(line).lineHeight))
    .map(name),
  raw,
  faint: [...written].map(([key, element]) => [contrast(element), key, name(element)]).filter(([ratio]) => ratio < 4.5),
};
