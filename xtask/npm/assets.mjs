// Bundles, minifies, names by content hash and compresses the browser assets.
// What comes out is described in xtask/src/build/site.rs.
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import zlib from "node:zlib";
import * as esbuild from "esbuild";
import * as lightningcss from "lightningcss";

const { values: options } = parseArgs({
  options: {
    client: { type: "string" },
    style: { type: "string" },
    public: { type: "string" },
    out: { type: "string" },
    reload: { type: "string" },
  },
});

const COMPRESSIBLE = new Set([".js", ".css", ".wasm", ".svg", ".json", ".txt", ".html", ".webmanifest"]);
const manifest = {};

/** Writes one file under its hashed name and records it; returns the URL path. */
function emit(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const { dir, name: stem, ext } = path.posix.parse(name);
  const hashed = path.posix.join(dir, `${stem}.${hash}${ext}`);
  const file = path.join(options.out, hashed);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  if (COMPRESSIBLE.has(ext)) {
    const compressed = zlib.brotliCompressSync(bytes, {
      params: {
        [zlib.constants.BROTLI_PARAM_QUALITY]: 11,
        [zlib.constants.BROTLI_PARAM_LGWIN]: 22,
        [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    });
    fs.writeFileSync(`${file}.br`, compressed);
  }
  manifest[name] = `/assets/${hashed}`;
  return manifest[name];
}

/** The files below a folder as relative POSIX paths, sorted; none when it does not exist. */
function filesBelow(folder) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .map((file) => file.split(path.sep).join("/"))
    .sort();
}

async function minified(code) {
  const result = await esbuild.transform(code, { minify: true, target: "es2022", legalComments: "none" });
  return result.code;
}

async function staticFiles() {
  for (const name of filesBelow(options.public)) {
    const content = fs.readFileSync(path.join(options.public, name));
    const more = name === "boot.js" && options.reload ? fs.readFileSync(options.reload, "utf8") : "";
    emit(name, name.endsWith(".js") ? await minified(content.toString() + more) : content);
  }
}

/** One style sheet from the entry's @imports; url() of a static file gets its hashed name. */
function styleSheet() {
  if (!fs.existsSync(options.style)) throw new Error(`${options.style} does not exist`);
  const { code } = lightningcss.bundle({
    filename: options.style,
    minify: true,
    visitor: {
      Url(url) {
        const hashed = manifest[url.url.replace(/^\/assets\//, "")];
        return hashed ? { ...url, url: hashed } : url;
      },
    },
  });
  emit("main.css", code);
}

/** The WebAssembly client and its one script, which finds the module by its hashed name. */
async function client() {
  const wasm = emit("client.wasm", fs.readFileSync(path.join(options.client, "client_bg.wasm")));
  const result = await esbuild.build({
    entryPoints: [path.join(options.client, "client.js")],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    write: false,
  });
  const code = result.outputFiles[0].text;
  const named = code.replaceAll("client_bg.wasm", path.posix.basename(wasm));
  if (named === code) throw new Error("the script does not name its WebAssembly module");
  emit("client.js", named);
}

/** Removes what neither this set nor the one before names. */
function sweep(before) {
  const kept = new Set([...Object.values(manifest), ...Object.values(before), "/assets/manifest.json"]);
  for (const name of filesBelow(options.out)) {
    if (!kept.has(`/assets/${name.replace(/\.br$/, "")}`)) fs.rmSync(path.join(options.out, name));
  }
}

const manifestFile = path.join(options.out, "manifest.json");
const before = fs.existsSync(manifestFile) ? JSON.parse(fs.readFileSync(manifestFile, "utf8")) : {};
fs.mkdirSync(options.out, { recursive: true });
await staticFiles();
styleSheet();
await client();
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(`${manifestFile}.new`, `${JSON.stringify(sorted, null, 2)}\n`);
fs.renameSync(`${manifestFile}.new`, manifestFile);
sweep(before);
