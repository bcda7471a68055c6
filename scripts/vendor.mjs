// Fills static/vendor/ from node_modules: htmx, and the fonts with one stylesheet for them all.
// With it the page asks nothing of any other host. `make vendor` runs this after `npm ci`.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

const VENDOR = "static/vendor";

// What is copied as it is: from node_modules -> to static/vendor. The licences go with what they cover.
const COPIES = {
  "htmx.org/dist/htmx.min.js": "htmx.min.js",
  "htmx.org/LICENSE": "licenses/htmx.txt",
  "pretendard/dist/LICENSE.txt": "licenses/pretendard.txt",
  "@fontsource/stix-two-math/LICENSE": "licenses/stix-two-math.txt",
};

// Pretendard is cut into 92 files by unicode-range, of which a page loads the few that it needs.
// The mathematics font is one file, though its stylesheet claims the Latin letters only: that range
// has neither ∂ nor the italic 𝑤, so it is left out.
const FONTS = [
  { css: "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css", ranges: true },
  { css: "@fontsource/stix-two-math/400.css", ranges: false },
];

function copy(from, to) {
  const target = join(VENDOR, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join("node_modules", from), target);
}

/** The address of a vendored file, with the hash by which app/web/http/static_files.py lets it be kept for good. */
function address(name) {
  const hash = createHash("sha256").update(readFileSync(join(VENDOR, name))).digest("hex");
  return `${name}?v=${hash.slice(0, 16)}`;
}

/** The @font-face rules of a package's stylesheet, their woff2 files copied to fonts/. */
function fontFaces({ css, ranges }) {
  const rules = readFileSync(join("node_modules", css), "utf8").match(/@font-face\s*\{[^}]*\}/g);
  return rules.map((rule) => {
    const [, file, format] = rule.match(/url\(\.\/([^)]+\.woff2)\)\s*format\('([^']+)'\)/);
    const name = `fonts/${basename(file)}`;
    copy(join(dirname(css), file), name);
    const face = rule
      .replace(/src:[^;]*;/, `src: url(${address(name)}) format('${format}');`)
      .replace(/\s+/g, " ");
    return ranges ? face : face.replace(/unicode-range:[^;]*; ?/, "");
  });
}

rmSync(VENDOR, { recursive: true, force: true });
for (const [from, to] of Object.entries(COPIES)) copy(from, to);
// Last, because make takes this file as the sign that all the others are there.
writeFileSync(join(VENDOR, "fonts.css"), `${FONTS.flatMap(fontFaces).join("\n")}\n`);
