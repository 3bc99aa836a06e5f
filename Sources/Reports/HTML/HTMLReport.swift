// The report: one file, no request, nothing in it that a test could have said is ever markup or
// code. Totals and charts are in the page itself; rows and details are data that the page's script
// shows as they are asked for.

import Core
import RunArtifacts

/// Writes the HTML report of a run.
struct HTMLReport {
  /// Details in one file, bytes; a browser takes more, a person does not.
  static let detailsLimitBytes = 64 << 20

  let source: ResultSource
  let scan: ResultScan<ResultDigest>

  private var digests: [ResultDigest] { scan.values }

  /// Writes the page; details are read row by row.
  func write(to file: inout OutputFile) throws {
    let totals = RunTotals(digests)
    try file.write(head())
    try file.write(header(totals))
    try file.write("<main>")
    try file.write(ReportSections.overview(totals, digests))
    try file.write(ReportSections.tables(digests))
    try file.write(ReportSections.tests(digests))
    try file.write("</main>")
    try file.write(footer)
    try writeRows(to: &file)
    let left = try writeDetails(to: &file)
    try file.write(
      "<script type=\"application/json\" id=\"meta\">"
        + "{\"details_left_out\":\(left)}</script>\n")
    try file.write("<script>")
    try file.write(ReportAssets.script)
    try file.write("</script>\n</body>\n</html>\n")
  }

  // MARK: - Page

  private func head() -> String {
    let policy =
      "default-src 'none'; script-src 'sha256-\(SHA256.base64(ReportAssets.script))'; "
      + "style-src 'sha256-\(SHA256.base64(ReportAssets.style))'; img-src data:; "
      + "base-uri 'none'; form-action 'none'"
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <meta name="referrer" content="no-referrer">
      <meta name="generator" content="agentv">
      <link rel="icon" href="data:,">
      <title>\(HTMLText.escaped(source.label)) · AgentV report</title>
      <style>\(String(decoding: ReportAssets.style, as: UTF8.self))</style>
      </head>
      <body>
      <a class="skip" href="#tests">Skip to the tests</a>

      """
  }

  private func header(_ totals: RunTotals) -> String {
    let times = digests.compactMap(\.timestamp)
    var seen = Set<String>()
    let targets = digests.map(\.target).filter { seen.insert($0).inserted }
    let experiment = digests.first?.experiment ?? source.experiment
    var facts: [(String, String)] = [("Experiment", experiment)]
    if let first = times.min(), let last = times.max() {
      facts.append(("Finished", first == last ? last : "\(day(first, last))"))
    }
    let more = targets.count > 6 ? " and \(targets.count - 6) more" : ""
    let shown = targets.prefix(6).joined(separator: ", ") + more
    facts.append((targets.count == 1 ? "Target" : "Targets", shown))
    let files = Set(digests.compactMap(\.evalFile)).sorted()
    if let file = files.first {
      facts.append(("Eval file", files.count == 1 ? file : "\(files.count) files"))
    }
    let list = facts.map { name, value in
      "<div><dt>\(HTMLText.escaped(name))</dt><dd>\(HTMLText.escaped(value))</dd></div>"
    }.joined()
    var notes = ""
    if scan.badLines > 0 {
      notes +=
        "<p class=\"note\" role=\"note\">\(scan.badLines) line(s) of the index could not be read "
        + "and are not in this report.</p>"
    }
    if scan.replacedRows > 0 {
      notes +=
        "<p class=\"note quiet\">\(scan.replacedRows) earlier attempt(s) were replaced by later "
        + "ones; the last one of each test counts.</p>"
    }
    return """
      <header class="page-head">
      <div class="brand"><span class="mark" aria-hidden="true"></span>AgentV report
      <button type="button" id="theme" class="ghost" hidden>Theme</button></div>
      <h1>\(HTMLText.escaped(source.label))</h1>
      <dl class="facts">\(list)</dl>
      \(notes)
      </header>

      """
  }

  /// A span of time without saying the same date twice.
  private func day(_ first: String, _ last: String) -> String {
    first.prefix(10) == last.prefix(10)
      ? "\(first.prefix(10)) \(first.dropFirst(11).prefix(8))–\(last.dropFirst(11).prefix(8)) UTC"
      : "\(first.prefix(16)) – \(last.prefix(16)) UTC".replacing("T", with: " ")
  }

  private var footer: String {
    """
    <footer><p>Written by AgentV. This file stands alone: it loads nothing and sends nothing.</p>
    </footer>

    """
  }

  // MARK: - Data

  /// One array for each row: id, suite, target, status, score, milliseconds, tokens, dollars.
  private func writeRows(to file: inout OutputFile) throws {
    try file.write("<script type=\"application/json\" id=\"rows\">[")
    for (index, digest) in digests.enumerated() {
      let row: JSON = [
        .string(digest.testID), .string(digest.suite ?? ""), .string(digest.target),
        .string(digest.status.rawValue),
        digest.hasScore ? .double(digest.score.rounded(decimals: 4)) : .null,
        .optional(digest.durationMS), .optional(digest.tokens?.total), .optional(digest.costUSD),
      ]
      try file.write(Array((index == 0 ? "\n" : ",\n").utf8) + HTMLText.data(row))
    }
    try file.write("\n]</script>\n")
  }

  /// One line for each row, its index before it; what failed comes first, so that a limit leaves out
  /// what nobody looks for.
  /// - Returns: rows without detail.
  private func writeDetails(to file: inout OutputFile) throws -> Int {
    try file.write("<script type=\"text/plain\" id=\"details\">")
    let artifacts = ArtifactReader(source.directory)
    let order =
      digests.indices.filter { !digests[$0].isPassed }
      + digests.indices.filter { digests[$0].isPassed }
    var room = Self.detailsLimitBytes
    var left = 0
    for index in order {
      if room <= 0 {
        left += 1
        continue
      }
      let row = try source.row(of: digests[index])
      let line = HTMLText.data(ReportDetail.json(row, ResultDetail(row, artifacts)))
      room -= line.count
      try file.write(Array("\n\(index)\t".utf8) + line)
    }
    try file.write("\n</script>\n")
    return left
  }
}

/// The page's own style and script, part of the program (web/report).
enum ReportAssets {
  static let style = PackageResources.report_css
  static let script = PackageResources.report_js
}
