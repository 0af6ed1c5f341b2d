import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { makeTestFolder, type TestFolder } from "../data/folder.test.helper.js";
import { SurprisalError } from "../errors.js";
import { type DownloadProgress, download } from "./download.js";

const content = Buffer.alloc(300_000, "surprisal ");
const sha256 = createHash("sha256").update(content).digest("hex");

let server: Server;
let base: string;
let folder: TestFolder;

beforeAll(async () => {
  server = createServer((request, response) => {
    const length = { "content-length": content.length };
    if (request.url === "/good") response.writeHead(200, length).end(content);
    else if (request.url === "/chunked") response.writeHead(200).end(content);
    else if (request.url === "/moved") response.writeHead(302, { location: "/good" }).end();
    else if (request.url === "/wrong") response.writeHead(200).end("something else");
    else if (request.url === "/cut") {
      response.writeHead(200, length);
      response.write(content.subarray(0, 100_000), () => response.destroy());
    } else if (request.url === "/slow") {
      response.writeHead(200, length);
      response.write(content.subarray(0, 1000));
    } else response.writeHead(404).end("no such thing");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  folder = await makeTestFolder();
});
afterEach(() => folder.remove());

const left = (): Promise<string[]> => readdir(folder.path, { recursive: true });

async function failure(
  urls: readonly string[],
  target = join(folder.path, "deep", "er", "file.bin"),
): Promise<string> {
  const error = await download(urls, target, { sha256, advice: "Put the file there by hand." }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SurprisalError);
  expect(await left()).toEqual([]);
  return (error as Error).message;
}

describe("download", () => {
  it("puts the right file in its place and tells how far it is", async () => {
    const target = join(folder.path, "deep", "file.bin");
    const progress: DownloadProgress[] = [];
    await download([`${base}/good`], target, { sha256, onProgress: (step) => progress.push(step) });
    expect((await readFile(target)).equals(content)).toBe(true);
    expect(progress.at(-1)).toEqual({ url: `${base}/good`, received: content.length, total: content.length });
    expect(progress.every((step, i) => i === 0 || step.received > progress[i - 1]!.received)).toBe(true);
    expect(await left()).toEqual(["deep", "deep/file.bin"]);
  });

  it("follows redirections, and takes files of unknown length", async () => {
    for (const name of ["moved", "chunked"]) {
      await download([`${base}/${name}`], join(folder.path, name), { sha256 });
      expect((await readFile(join(folder.path, name))).equals(content)).toBe(true);
    }
  });

  it("tries the next address when one fails", async () => {
    const target = join(folder.path, "file.bin");
    await download([`${base}/absent`, `${base}/wrong`, `${base}/cut`, `${base}/good`], target, { sha256 });
    expect(await left()).toEqual(["file.bin"]);
  });

  it.each([
    ["absent", /404 Not Found/],
    ["wrong", /not the expected file \(14 bytes, SHA-256 [0-9a-f]{64} instead of/],
    ["cut", /cut after \d+ bytes/],
  ] as const)("explains the address %s, says what to do and leaves nothing behind", async (name, reason) => {
    const message = await failure([`${base}/${name}`]);
    expect(message).toMatch(reason);
    expect(message).toContain(`${base}/${name}`);
    expect(message).toContain('"file.bin"');
    expect(message).toContain("Put the file there by hand.");
  });

  it("explains a machine that does not answer", async () => {
    const idle = createServer();
    await new Promise<void>((done) => idle.listen(0, "127.0.0.1", done));
    const { port } = idle.address() as AddressInfo;
    await new Promise((done) => idle.close(done));
    expect(await failure([`http://127.0.0.1:${port}/x`])).toMatch(/fetch failed/);
  });

  it("keeps an older file when the download fails, and folders that were there", async () => {
    const target = await folder.file("file.bin", "older");
    await expect(download([`${base}/cut`], target, { sha256 })).rejects.toThrow(SurprisalError);
    expect(await readFile(target, "utf8")).toBe("older");
    expect(await left()).toEqual(["file.bin"]);
  });

  it("stops at once when aborted and leaves nothing behind", async () => {
    const controller = new AbortController();
    const running = download([`${base}/slow`, `${base}/good`], join(folder.path, "a", "file.bin"), {
      sha256,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    expect(await left()).toEqual([]);
    const before = download([`${base}/good`], join(folder.path, "b"), {
      sha256,
      signal: AbortSignal.abort(),
    });
    await expect(before).rejects.toMatchObject({ name: "AbortError" });
    expect(await left()).toEqual([]);
  });
});
