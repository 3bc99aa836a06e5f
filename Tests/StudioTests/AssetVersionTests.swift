// The version of the pages' files, and what a page needs of them.

import HTTPServer
import TestSupport
import Testing

@testable import Studio

@Suite(.timeLimit(.minutes(1))) struct AssetVersionTests {
  private let scratch: TemporaryDirectory

  init() throws {
    scratch = try TemporaryDirectory()
    try scratch.write("index.html", #"<head><script src="/assets/app.js"></script></head>"#)
    try scratch.write(
      "assets/app.js",
      "import \"./components/frame.js\";\nimport {\n  a,\n} from \"./state/a.js\";\n")
    try scratch.write("assets/components/frame.js", "export { a } from \"../state/a.js\";\n")
    try scratch.write(
      "assets/components/av-run-page.js",
      "import { b } from \"../state/b.js\";\nconst later = () => import(\"./late.js\");\n")
    try scratch.write("assets/components/late.js", "")
    try scratch.write("assets/state/a.js", "import \"../../../../etc/passwd\";\n")
    try scratch.write("assets/state/b.js", "import \"./b.js\";\nimport \"../app.js\";\n")
  }

  @Test func `a page needs what it imports, not what it may import later`() {
    var assets = AssetVersion()
    assets.update(scratch.path)
    #expect(
      assets.modules(of: "/runs/x") == [
        "app.js", "components/av-run-page.js", "components/frame.js", "state/a.js", "state/b.js",
      ])
    #expect(
      assets.modules(of: "/../../etc") == ["app.js", "components/frame.js", "state/a.js"])
  }

  @Test func `the version is another one when a file changes, comes or goes`() throws {
    var assets = AssetVersion()
    assets.update(scratch.path)
    let first = assets.name
    assets.update(scratch.path)
    #expect(assets.name == first)
    try scratch.write("assets/state/b.js", "import \"./c.js\";\n")
    try scratch.write("assets/state/c.js", "")
    assets.update(scratch.path)
    #expect(assets.name != first)
    #expect(assets.modules(of: "/benchmarks/b/runs/x").contains("state/c.js"))
  }

  @Test func `only the version of the last page is kept by a browser, as long as the file is it`()
    throws
  {
    let files = StaticFiles(root: scratch.path)
    func caching(_ path: String) -> String? {
      files.asset(path, ifNoneMatch: nil)?.headers.first { $0.name == "Cache-Control" }?.value
    }
    let page = try #require(files.page("/", ifNoneMatch: nil))
    let text = String(decoding: page.body, as: UTF8.self)
    let marked = try #require(text.firstMatch(of: /src="\/assets\/(~[^\/]+)\/app.js"/)?.output.1)
    #expect(text.contains(#"<link rel="modulepreload" href="/assets/\#(marked)/state/a.js">"#))
    #expect(caching("\(marked)/app.js") == "max-age=31536000, immutable")
    #expect(caching("app.js") == "no-cache")
    #expect(caching("~other/app.js") == "no-cache")
    #expect(caching("\(marked)/missing.js") == nil)
    #expect(caching("\(marked)/../../index.html") == nil)
    try scratch.write("assets/app.js", "// Changed.")
    #expect(caching("\(marked)/app.js") == "no-cache")
  }
}
