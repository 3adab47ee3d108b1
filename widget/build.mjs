// Builds widget.js, page.js and admin.js into the package, and writes down beside it which sources it was made of, so that a test can tell
// without Node whether it is current (tests/widget/test_build.py computes the same digest).

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "vite";

const HERE = import.meta.dirname;
const TARGET = process.argv[2] ?? join(HERE, "..", "ragchat", "web", "static");
const BUILT_OF = ["build.mjs", "package.json", "package-lock.json", "tsconfig.json"];
const ERASED = "src/core/events.ts"; // types only: nothing of it is in the script

export function digest() {
  const sources = readdirSync(join(HERE, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(HERE.length + 1).replaceAll("\\", "/"))
    .filter((name) => name !== ERASED);
  const hash = createHash("sha256");
  for (const name of [...BUILT_OF, ...sources].sort()) hash.update(`${name}\n`).update(readFileSync(join(HERE, name)));
  return hash.digest("hex");
}

for (const name of ["widget", "page", "admin"]) {
  await build({
    root: HERE,
    configFile: false,
    logLevel: "warn",
    build: {
      outDir: TARGET,
      emptyOutDir: false,
      target: "es2022",
      lib: { entry: join(HERE, "src", `${name}.ts`), formats: ["iife"], name: "ragchat", fileName: () => `${name}.js` },
      reportCompressedSize: false,
    },
  });
  const script = readFileSync(join(TARGET, `${name}.js`));
  console.log(`${name}.js: ${script.length} bytes, ${gzipSync(script, { level: 9 }).length} gzip`);
}

mkdirSync(join(TARGET, "languages"), { recursive: true });
for (const name of readdirSync(join(HERE, "src", "languages")).filter((one) => one.endsWith(".json"))) {
  const strings = JSON.parse(readFileSync(join(HERE, "src", "languages", name), "utf8"));
  writeFileSync(join(TARGET, "languages", name), JSON.stringify(strings));
}
writeFileSync(join(TARGET, "widget.sources"), `${digest()}\n`);
