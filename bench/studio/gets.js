// The peer of gets.py: the same answers by node's own HTTP server, with the same duties (the project's
// configuration read for each request, the page cut from the list in memory, an entity tag, the
// security headers) and none of the others (trust, routing of 60 routes, limits).
//
//     node gets.js PORT PROJECT RUNS.json

import { createHash } from "node:crypto";
import { readFile, readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, project, listed] = process.argv.slice(2);
const { runs } = JSON.parse(readFileSync(listed, "utf8"));

const headers = {
  "Content-Type": "application/json",
  "Cache-Control": "no-cache",
  "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
};

function answer(response, object) {
  const body = JSON.stringify(object);
  const tag = `W/"${createHash("sha1").update(body).digest("base64url")}"`;
  response.writeHead(200, { ...headers, ETag: tag, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/healthz") {
    answer(response, { status: "ok" });
  } else if (url.pathname === "/api/config") {
    readFile(`${project}/.agentv/config.yaml`, "utf8", (error, text) => {
      const found = error ? null : /^\s+threshold:\s*([\d.]+)/m.exec(text);
      answer(response, {
        threshold: found ? Number(found[1]) : 0.8,
        read_only: false,
        benchmark_name: "bench",
        multi_benchmark_dashboard: false,
      });
    });
  } else if (url.pathname === "/api/runs") {
    const limit = Number(url.searchParams.get("limit") ?? runs.length);
    const page = runs.slice(0, limit);
    answer(response, { runs: page, total: runs.length, next_cursor: page.at(-1).filename });
  } else {
    response.writeHead(404);
    response.end();
  }
});
server.listen(Number(port), "127.0.0.1", () => console.log("ready", server.address().port));
