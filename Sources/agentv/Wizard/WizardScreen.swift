import Core
import EventLoop
import Wizard

/// Shows questions on a terminal and reads keys, until there is an answer.
enum WizardScreen {
  /// Asks the questions of the wizard.
  /// - Returns: what they came to.
  static func ask(_ wizard: Wizard) async -> WizardResult {
    var wizard = wizard
    return await loop { key in
      key.flatMap { wizard.handle($0) }
    } lines: { columns, lines, style in
      (wizard.note.isEmpty ? [] : [wizard.note])
        + wizard.prompt.lines(columns: columns, lines: lines, style: style)
    } ?? .nothing(exitCode: 0)
  }

  /// Asks whether to do something.
  static func confirm(_ question: String) async -> Bool {
    var prompt = Prompt(question, .one, [PromptItem("Yes"), PromptItem("No")])
    return await loop { key -> Bool? in
      guard let key else { return nil }
      switch prompt.handle(key) {
      case .open: return nil
      case .done: return prompt.current == 0
      case .back, .cancelled: return false
      }
    } lines: { columns, lines, style in
      prompt.lines(columns: columns, lines: lines, style: style)
    } ?? false
  }

  /// Shows lines, reads keys, and gives the terminal back as it was.
  ///
  /// `handle` gets each key, and `nil` once at first; `nil` from the function means the end of the
  /// input.
  private static func loop<Answer: Sendable>(
    _ handle: (Key?) -> Answer?, lines: (Int, Int, PromptStyle) -> [String]
  ) async -> Answer? {
    guard let terminal = RawTerminal.enter() else { return nil }
    // Whoever ends us must not leave the terminal raw.
    let saved = terminal.saved
    var sources: [SignalSource] = []
    for signal: Int32 in [1, 15] where !ProcessEnvironment.ignores(signal) {
      let source = try? await SignalSource(signal) {
        saved.apply()
        ProcessEnvironment.exitNow(128 + signal)
      }
      if let source { sources.append(source) }
    }
    defer { withExtendedLifetime(sources) {} }
    let output = StandardStream.output
    let noColor = ProcessEnvironment.current()["NO_COLOR"].map { !$0.isEmpty } ?? false
    let style = PromptStyle(isPlain: noColor)
    var decoder = KeyDecoder()
    var shown = 0
    func clear() { if shown > 0 { output.write("\u{1B}[\(shown)A\r\u{1B}[J") } }
    func draw() {
      let text = lines(output.columns ?? 80, output.lines ?? 24, style)
      clear()
      output.write(text.map { $0 + "\n" }.joined())
      shown = text.count
    }
    draw()
    while true {
      // A lone escape is a key only when nothing follows it.
      guard let bytes = terminal.read(limitMilliseconds: decoder.isWaiting ? 50 : nil) else {
        clear()
        return nil
      }
      let keys = bytes.isEmpty ? decoder.finish() : decoder.decode(bytes)
      for key in keys {
        if let answer = handle(key) {
          clear()
          return answer
        }
      }
      if !keys.isEmpty { draw() }
    }
  }
}
