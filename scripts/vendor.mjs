// Fills static/vendor/ from node_modules: htmx, Swagger UI for /docs, and the fonts with one style
// sheet for all of them. The page then needs no other host. `make vendor` runs this after `npm ci`.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import fontverter from "fontverter";
import subsetFont from "subset-font";

const VENDOR = "static/vendor";

// Files that are copied unchanged, with their licenses: path in node_modules -> in static/vendor.
const COPIES = {
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "htmx.org/LICENSE": "licenses/htmx.txt",
  "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
  "swagger-ui-dist/LICENSE": "licenses/swagger-ui.txt",
  "swagger-ui-dist/NOTICE": "licenses/swagger-ui-notice.txt",
  "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt": "licenses/swagger-ui-bundle.txt",
  "inter-ui/LICENSE.txt": "licenses/inter.txt",
  "pretendard/dist/LICENSE.txt": "licenses/pretendard.txt",
  "@fontsource/stix-two-math/LICENSE": "licenses/stix-two-math.txt",
  "@fontsource/stix-two-text/LICENSE": "licenses/stix-two-text.txt",
};

// The fonts that the faces below are cut from. Inter's optical size is fixed, so that a digit is
// equally wide in a heading.
const WEIGHTS = { min: 400, max: 800, default: 400 };
const INTER = {
  file: "inter-ui/variable/InterVariable.woff2",
  axes: { opsz: 14, wght: WEIGHTS },
  // As wide as Pretendard's digits, and with its ascent and descent, so that both share a line.
  fit: ["size-adjust: 94.7%", "ascent-override: 100.5%", "descent-override: 25.5%", "line-gap-override: 0%"],
};
const PRETENDARD = {
  file: "pretendard/dist/web/variable/woff2/PretendardVariable.woff2",
  axes: { wght: WEIGHTS },
  // Its license reserves its name for the unchanged font. The other name has as many letters.
  rename: ["Pretendard", "BackstepKR"],
};
const STIX_MATH = { file: "@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2" };
const stixText = (alphabet, style) => (
  { file: `@fontsource/stix-two-text/files/stix-two-text-${alphabet}-400-${style}.woff2`, style });

// The characters of a face are given as text or as ranges of code points, first and last.
const LATIN = [[0x20, 0x2c], [0x2e, 0x7e], [0xa0, 0xff], [0x370, 0x3ff], [0x1d57, 0x1d57], [0x2010, 0x2044],
  [0x2070, 0x209c], [0x2190, 0x21ff], [0x2200, 0x22ff], [0x25a0, 0x25ff], [0x2713, 0x2717]];
const OTHER_LATIN = [[0x100, 0x24f], [0x2b0, 0x36f], [0x400, 0x52f], [0x1e00, 0x1eff], [0x20a0, 0x20bf]];
const MATHEMATICS = [[0x20, 0x7e], [0xa0, 0xff], [0x302, 0x304], [0x391, 0x3f5], [0x1d40, 0x1d40], [0x1d57, 0x1d57],
  [0x2010, 0x2027], [0x2032, 0x2037], [0x2044, 0x2044], [0x2057, 0x2057], [0x2061, 0x2064], [0x2070, 0x209c],
  [0x20d7, 0x20d7], [0x2102, 0x2115], [0x2190, 0x2199], [0x21a6, 0x21a6], [0x21c4, 0x21d4], [0x2200, 0x226b],
  [0x2295, 0x2299], [0x22a4, 0x22a5], [0x22c0, 0x22c6], [0x22ee, 0x22f1], [0x2308, 0x230b], [0x239b, 0x23ae],
  [0x23dc, 0x23df], [0x27e8, 0x27eb], [0x2a00, 0x2a02],
  [0x1d434, 0x1d467], [0x1d5b3, 0x1d5b3], [0x1d6a4, 0x1d6a5], [0x1d6e2, 0x1d71b]]; // italic; the T of a transpose; Greek
const LETTERS = [[0x20, 0x7e], [0xa0, 0xff], [0x2013, 0x2026], [0x2032, 0x2032], [0x2212, 0x2212]];
const GREEK = [[0x391, 0x3c9]];
const CJK = [[0x3000, 0x30ff], [0x3130, 0x318f], [0xff01, 0xff5e]]; // punctuation, kana, single Hangul letters
const HANGUL_BLOCK = 0x400;

/** The Hangul that the Korean page itself uses; what a visitor types may be in another block. */
function hangulOfMessages() {
  const texts = readdirSync("app/locale").map((language) =>
    readFileSync(join("app/locale", language, "LC_MESSAGES/messages.po"), "utf8"));
  return [...new Set(texts.join("").match(/[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]/g))].sort().join("");
}

function hangulBlocks() {
  const faces = [];
  for (let first = 0xac00; first <= 0xd7a3; first += HANGUL_BLOCK) {
    const last = Math.min(first + HANGUL_BLOCK - 1, 0xd7a3);
    const name = `hangul-${first.toString(16)}`;
    faces.push({ family: "Backstep Sans", name, font: PRETENDARD, has: [[first, last]] });
  }
  return faces;
}

// A browser loads the faces whose characters a page shows; of two with the same character, the later
// one. So an English page loads three: Latin, the mathematics, and what it shares with other languages,
// which is their names and the hyphen: Inter's is as wide as a digit wherever figures are tabular. A
// Korean page has the hyphen in the file of its Hangul, by a family that comes first there.
const FACES = [
  ...hangulBlocks(),
  { family: "Backstep Sans", name: "cjk", font: PRETENDARD, has: CJK },
  { family: "Backstep Sans", name: "korean", font: PRETENDARD, has: hangulOfMessages(), with: "-",
    first: { family: "Backstep Korean", has: [[0x2d, 0x2d], [0x1100, 0x11ff], [0x3130, 0x318f], [0xac00, 0xd7a3]] } },
  { family: "Backstep Sans", name: "shared", font: PRETENDARD, has: "-한국어" },
  { family: "Backstep Sans", name: "latin-other", font: INTER, has: OTHER_LATIN },
  { family: "Backstep Sans", name: "latin", font: INTER, has: LATIN },
  { family: "STIX Two Math", name: "mathematics", font: STIX_MATH, has: MATHEMATICS },
  // Names of quantities in the drawing, since SVG has no formulas.
  ...["normal", "italic"].flatMap((style) => [
    { family: "STIX Two Text", name: `letters-${style}`, font: stixText("latin", style), has: LETTERS },
    { family: "STIX Two Text", name: `greek-${style}`, font: stixText("greek", style), has: GREEK },
  ]),
];

function copy(from, to) {
  const target = join(VENDOR, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join("node_modules", from), target);
}

/** The code points of a face as ranges. */
function ranges(has) {
  if (typeof has !== "string") return has;
  const found = [];
  for (const point of [...has].map((character) => character.codePointAt(0))) {
    if (found.length && found.at(-1)[1] === point - 1) found.at(-1)[1] = point;
    else found.push([point, point]);
  }
  return found;
}

function textOf(pairs) {
  const points = ([first, last]) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return String.fromCodePoint(...pairs.flatMap(points));
}

function unicodeRange(pairs) {
  const hex = (point) => point.toString(16);
  return pairs.map(([first, last]) => `U+${hex(first)}${first === last ? "" : `-${hex(last)}`}`).join(", ");
}

const opened = new Map();

/** The uncompressed bytes of a font, which is read once. */
async function open(font) {
  if (!opened.has(font)) {
    const bytes = await fontverter.convert(readFileSync(join("node_modules", font.file)), "truetype");
    if (font.rename) rename(bytes, ...font.rename.map((name) => Buffer.from(name, "utf16le").swap16()));
    opened.set(font, bytes);
  }
  return opened.get(font);
}

/** Writes `to` over each `from`, which is as long. */
function rename(bytes, from, to) {
  for (let at = bytes.indexOf(from); at >= 0; at = bytes.indexOf(from, at)) to.copy(bytes, at);
}

/** The @font-face rules of a face; cuts its file from the font, and writes it to fonts/. */
async function fontFaces({ family, name, font, has, with: more = "", first }) {
  const pairs = ranges(has);
  const options = { targetFormat: "woff2", variationAxes: font.axes };
  const subset = await subsetFont(await open(font), textOf(pairs) + more, options);
  writeFileSync(join(VENDOR, "fonts", `${name}.woff2`), subset);
  // With the hash in its URL, app/web/http/static_files.py lets it be cached forever.
  const hash = createHash("sha256").update(subset).digest("hex").slice(0, 16);
  const rule = (family, pairs) => `@font-face { ${[
    `font-family: "${family}"`,
    `font-style: ${font.style ?? "normal"}`,
    `font-weight: ${font.axes ? `${WEIGHTS.min} ${WEIGHTS.max}` : "400"}`,
    "font-display: swap",
    ...(font.fit ?? []),
    `src: url(fonts/${name}.woff2?v=${hash}) format("woff2")`,
    `unicode-range: ${unicodeRange(pairs)}`,
  ].join("; ")}; }`;
  return [rule(family, pairs), ...(first ? [rule(first.family, first.has)] : [])];
}

// Compressing takes a second a face, so all cores cut faces: each thread its share of them.
if (isMainThread) {
  rmSync(VENDOR, { recursive: true, force: true });
  for (const [from, to] of Object.entries(COPIES)) copy(from, to);
  mkdirSync(join(VENDOR, "fonts"));
  const threads = Math.min(availableParallelism(), FACES.length);
  const cut = (first) => new Promise((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: { first, threads } });
    thread.on("message", resolve).on("error", reject);
  });
  const rules = Object.assign({}, ...await Promise.all(Array.from({ length: threads }, (_, first) => cut(first))));
  // Written last, because this file tells make that all the others exist.
  writeFileSync(join(VENDOR, "fonts.css"), `${Object.values(rules).flat().join("\n")}\n`);
} else {
  const rules = {}; // by the place of the face, which is their order, too
  for (let index = workerData.first; index < FACES.length; index += workerData.threads) {
    rules[index] = await fontFaces(FACES[index]);
  }
  parentPort.postMessage(rules);
}
