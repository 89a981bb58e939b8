// Elements are made, never parsed: text of the corpus only ever becomes text.
const SVG = "http://www.w3.org/2000/svg";

function dress(element, { text, ...attributes }, children) {
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const make = (name, attributes = {}, ...children) => dress(document.createElement(name), attributes, children);
const draw = (name, attributes = {}, ...children) => dress(document.createElementNS(SVG, name), attributes, children);
const spoken = (task) => task.replaceAll("_", " ");
const capital = (task) => task[0].toUpperCase() + spoken(task.slice(1));
