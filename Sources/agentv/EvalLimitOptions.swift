import ArgumentParser
import EvalRunner

/// How much a run may cost, and what it keeps.
struct LimitOptions: ParsableArguments {
  @Option(
    name: .customLong("budget-usd"), parsing: .unconditional,
    help: "Most that the run's targets may cost, US dollars; then no further test starts, exit 1.")
  var budgetUSD: Double?

  @Flag(
    inversion: .prefixedNo,
    help: "Keep answers and use them again, or not, whatever the files say.")
  var cache: Bool?

  @Option(
    name: .customLong("output-messages"), parsing: .unconditional,
    help: "Put the last N messages of each answer into its row, or 'all'.")
  var outputMessages: String?

  func apply(to options: inout EvalOptions) {
    options.budgetUSD = budgetUSD
    options.cache = cache
    options.outputMessagesText = outputMessages
  }
}
