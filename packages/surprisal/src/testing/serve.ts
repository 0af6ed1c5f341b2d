import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const types: Readonly<Record<string, string>> = {
  mjs: "text/javascript",
  js: "text/javascript",
  wasm: "application/wasm",
};

const page = `<!doctype html><title>runtime</title><script type="module">
import * as ort from "/ort/ort.wasm.bundle.min.mjs";
ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = new URL("/ort/", location.href).href;
globalThis.ort = ort;
</script>`;

/** Serves a page with onnxruntime-web as its global `ort` on this machine, for a real browser. */
export async function serveRuntime(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const runtime = dirname(fileURLToPath(import.meta.resolve("onnxruntime-web/wasm")));
  const server = createServer(async ({ url = "/" }, response) => {
    const name = /^\/ort\/([\w.-]+)$/.exec(url)?.[1];
    if (name === undefined) {
      response.writeHead(200, { "content-type": "text/html" }).end(page);
      return;
    }
    try {
      const body = await readFile(join(runtime, name));
      const type = types[name.split(".").at(-1)!] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
