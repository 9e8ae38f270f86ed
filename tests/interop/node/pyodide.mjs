// Runs a Python program in CPython compiled to WebAssembly: node pyodide.mjs NODE_FOLDER TREE PROGRAM
// TREE is a folder of this machine, seen there as /tree; what the program prints is printed. fetch is the platform's.
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import { readFileSync } from "node:fs";

const [folder, tree, program] = process.argv.slice(2);
const module = join(folder, "node_modules", "pyodide", "pyodide.mjs");
const { loadPyodide } = await import(pathToFileURL(module).href);
const python = await loadPyodide({ indexURL: join(folder, "node_modules", "pyodide") });
python.FS.mkdir("/tree");
python.FS.mount(python.FS.filesystems.NODEFS, { root: tree }, "/tree");
try {
  await python.runPythonAsync(readFileSync(program, "utf8"));
} catch (error) {
  console.error(String(error.message ?? error));
  process.exit(1);
}
