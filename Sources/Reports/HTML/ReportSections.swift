// The parts of the report that need no script: figures, charts, tables by target, suite, grader.

import Core

/// Markup of the report's sections.
enum ReportSections {
  /// Most lines of a table before the rest is summed up.
  static let tableLimit = 50

  /// Pass rate, figures and charts.
  static func overview(_ totals: RunTotals, _ digests: [ResultDigest]) -> String {
    var figures: [(name: String, value: String, hint: String, shade: String)] = [
      ("Tests", Format.grouped(totals.total), "", ""),
      ("Passed", Format.grouped(totals.passed), "status ok", "ok"),
      ("Failed", Format.grouped(totals.qualityFailures), "below their threshold", "fail"),
      ("Errors", Format.grouped(totals.executionErrors), "could not be judged", "error"),
      ("Mean score", totals.meanScore?.fixed(3) ?? "–", "of judged tests", ""),
      ("Time", Format.duration(totals.durationMS), "sum over targets", ""),
    ]
    if totals.tokens > 0 {
      let hint =
        "\(Format.grouped(totals.inputTokens)) in, \(Format.grouped(totals.outputTokens)) out"
      figures.append(("Tokens", Format.short(totals.tokens), hint, ""))
    }
    if let cost = totals.costUSD { figures.append(("Cost", Format.dollars(cost), "reported", "")) }
    let cards = figures.map { figure in
      "<div class=\"figure \(figure.shade)\"><dt>\(figure.name)</dt>"
        + "<dd>\(figure.value)</dd><dd class=\"hint\">\(figure.hint)</dd></div>"
    }.joined()
    let scores = digests.filter { $0.status != .executionError && $0.hasScore }.map(\.score)
    let durations = digests.compactMap(\.durationMS).map(Double.init).sorted()
    let times: String
    if durations.count > 1 {
      let shown = [50.0, 90, 99].map { percent in
        "<div><dt>p\(Int(percent))</dt><dd>"
          + "\(Format.duration(Int(Statistics.percentile(durations, percent))))</dd></div>"
      }.joined()
      times = "<dl class=\"times\" aria-label=\"Time of a test, percentiles\">\(shown)</dl>"
    } else {
      times = ""
    }
    return """
      <section class="overview" aria-label="Overview">
      <div class="card rate">\(Charts.ring(totals.passRate))<p>\(totals.passed) of \(totals.total) \
      tests passed</p>\(Charts.parts(totals))</div>
      <dl class="card figures">\(cards)</dl>
      <figure class="card"><figcaption>Scores of judged tests, percent</figcaption>\
      \(Charts.distribution(scores))\(times)</figure>
      </section>

      """
  }

  /// Totals by target, suite, category and grader; a table of one line says nothing and is left
  /// out.
  static func tables(_ digests: [ResultDigest]) -> String {
    var tables = ""
    tables += totals("By target", "Target", TotalsGroup.groups(digests) { $0.target }, least: 2)
    tables += totals(
      "By suite", "Suite", TotalsGroup.groups(digests) { $0.suite ?? "(none)" }, least: 2)
    tables += totals(
      "By category", "Category",
      TotalsGroup.groups(digests.filter { $0.category != nil }) { $0.category ?? "" }, least: 2)
    tables += graders(GraderTotals.all(digests))
    return tables.isEmpty ? "" : "<div class=\"tables\">\(tables)</div>\n"
  }

  private static func totals(
    _ title: String, _ column: String, _ groups: [TotalsGroup], least: Int
  ) -> String {
    guard groups.count >= least else { return "" }
    let worst = groups.sorted { $0.totals.passRate < $1.totals.passRate }
    let rows = worst.prefix(tableLimit).map { group in
      let mean = group.totals.meanScore?.fixed(3) ?? "–"
      let cost = group.totals.costUSD.map(Format.dollars) ?? "–"
      return "<tr><th scope=\"row\">\(HTMLText.escaped(group.name))</th>"
        + "<td class=\"number\">\(group.totals.total)</td>"
        + "<td class=\"share\"><span>\(Format.percent(group.totals.passRate))</span>"
        + "\(Charts.meter(group.totals.passRate))</td>"
        + "<td class=\"number\">\(mean)</td><td class=\"number wide\">\(cost)</td></tr>"
    }.joined()
    return table(
      title, ["\(column)", "Tests", "Passed", "Mean score", "Cost"], rows,
      left: groups.count - tableLimit)
  }

  private static func graders(_ graders: [GraderTotals]) -> String {
    guard !graders.isEmpty else { return "" }
    let worst = graders.sorted { $0.meanScore < $1.meanScore }
    let rows = worst.prefix(tableLimit).map { grader in
      let share = Double(grader.passed) / Double(max(1, grader.count))
      return "<tr><th scope=\"row\">\(HTMLText.escaped(grader.name))</th>"
        + "<td class=\"wide\">\(HTMLText.escaped(grader.type))</td>"
        + "<td class=\"number\">\(grader.count)</td>"
        + "<td class=\"share\"><span>\(Format.percent(share))</span>\(Charts.meter(share))</td>"
        + "<td class=\"number\">\(grader.meanScore.fixed(3))</td></tr>"
    }.joined()
    return table(
      "By grader", ["Grader", "Type", "Tests", "Passed", "Mean score"], rows,
      left: graders.count - tableLimit)
  }

  private static func table(
    _ title: String, _ columns: [String], _ rows: String, left: Int
  ) -> String {
    let classes = [
      "Tests": "number", "Mean score": "number", "Cost": "number wide", "Type": "wide",
    ]
    let head = columns.map { name in
      "<th scope=\"col\"\(classes[name].map { " class=\"\($0)\"" } ?? "")>\(name)</th>"
    }.joined()
    let more = left > 0 ? "<p class=\"note quiet\">\(left) more, all at least as good.</p>" : ""
    return """
      <section class="card"><h2>\(title)</h2><div class="scroll" tabindex="0" role="region" \
      aria-label="\(title)"><table><thead><tr>\(head)</tr></thead><tbody>\(rows)</tbody></table>\
      </div>\(more)</section>

      """
  }

  /// The list of tests: the script fills it.
  static func tests(_ digests: [ResultDigest]) -> String {
    """
    <section class="card" id="tests" aria-label="Tests">
    <div class="toolbar" id="toolbar" hidden>
    <h2>Tests <span id="count" aria-live="polite"></span></h2>
    <div class="chips" id="statuses" role="group" aria-label="Status"></div>
    <label class="select">Target <select id="target"><option value="">all</option></select></label>
    <label class="select">Suite <select id="suite"><option value="">all</option></select></label>
    <input type="search" id="text" placeholder="Search tests, prompts, answers ( / )" \
    aria-label="Search tests, prompts and answers">
    </div>
    <div class="scroll">
    <table id="list" aria-label="Tests">
    <thead><tr></tr></thead>
    <tbody></tbody>
    </table>
    </div>
    <p class="empty" id="empty" hidden>No test matches. <button type="button" id="reset" \
    class="ghost">Clear the filters</button></p>
    <div id="more" aria-hidden="true"></div>
    <noscript><p class="note">The list of the \(digests.count) tests needs JavaScript; the figures
    above do not.</p></noscript>
    </section>

    """
  }
}
