// Fills static/vendor/ from node_modules: htmx, Swagger UI for /docs, and the fonts with one style
// sheet for all of them. The page then needs no other host. `make vendor` runs this after `npm ci`.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

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
  "pretendard/dist/LICENSE.txt": "licenses/pretendard.txt",
  "@fontsource/stix-two-math/LICENSE": "licenses/stix-two-math.txt",
};

// Pretendard is split into 92 files by unicode-range; a page loads only the few that it needs. The
// mathematics font is one file. Its style sheet limits it to Latin letters, which include neither ∂
// nor the italic 𝑤, so its unicode-range is removed.
const FONTS = [
  { css: "pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css", ranges: true },
  { css: "@fontsource/stix-two-math/400.css", ranges: false },
];

function copy(from, to) {
  const target = join(VENDOR, to);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join("node_modules", from), target);
}

/** The URL of a vendored file. With its hash, app/web/http/static_files.py lets it be cached forever. */
function address(name) {
  const hash = createHash("sha256").update(readFileSync(join(VENDOR, name))).digest("hex");
  return `${name}?v=${hash.slice(0, 16)}`;
}

/** The @font-face rules of a package's style sheet; copies their woff2 files to fonts/. */
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
// Written last, because this file tells make that all the others exist.
writeFileSync(join(VENDOR, "fonts.css"), `${FONTS.flatMap(fontFaces).join("\n")}\n`);
