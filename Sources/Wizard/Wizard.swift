// The questions in their order: state × key → state. Pure; the command shows it and obeys.

import Core
import EvalFiles

/// What the wizard came to.
public enum WizardResult: Sendable, Hashable {
  /// Go on with this run.
  case resume(directory: String)
  /// Run this.
  case run(LastConfig)
  /// Nothing; the exit code says whether that was a choice (0) or Ctrl+C (130).
  case nothing(exitCode: Int32)
}

/// The wizard.
public struct Wizard: Sendable {
  private enum Step: Sendable, Hashable {
    case menu, category, files, target, review
  }

  private enum MenuItem: Sendable, Hashable {
    case resume, again, new, exit
  }

  private static let allCategories = "(all categories)"
  private static let ownTargets = "(each file's own)"
  /// Up to so many files all are ticked at first.
  private static let maximumTicked = 5

  private let project: WizardProject
  private let menu: [MenuItem]
  private var history: [Step] = []
  private var step = Step.menu
  private var category: String?
  private var offered: [DiscoveredEval] = []
  private var chosen: [DiscoveredEval] = []
  private var target: String?
  /// The question that is open.
  public private(set) var prompt: Prompt
  /// A line to show above the question; empty when there is none.
  public private(set) var note = ""

  /// The wizard of a project.
  public init(_ project: WizardProject) {
    self.project = project
    var menu: [MenuItem] = []
    if project.resumable != nil { menu.append(.resume) }
    if project.last?.cwd == project.cwd { menu.append(.again) }
    menu += [.new, .exit]
    self.menu = menu
    prompt = Prompt("", .one, [])
    prompt = menuPrompt()
  }

  /// Takes a key.
  /// - Returns: the result, once there is one.
  public mutating func handle(_ key: Key) -> WizardResult? {
    switch prompt.handle(key) {
    case .open: return nil
    case .cancelled: return .nothing(exitCode: 130)
    case .back:
      guard let before = history.popLast() else { return .nothing(exitCode: 0) }
      open(before)
      return nil
    case .done: return answered()
    }
  }

  private mutating func answered() -> WizardResult? {
    guard let place = prompt.current ?? prompt.ticked.first else { return nil }
    switch step {
    case .menu: return choose(menu[place])
    case .category:
      category = place == 0 ? nil : categories[place - 1]
      go(to: .files)
    case .files:
      chosen = prompt.ticked.map { offered[$0] }
      go(to: project.targets.isEmpty ? .review : .target)
    case .target:
      target = place == 0 ? nil : project.targets[place - 1].name
      go(to: .review)
    case .review: return .run(configuration)
    }
    return nil
  }

  private mutating func choose(_ item: MenuItem) -> WizardResult? {
    switch item {
    case .resume: return project.resumable.map { .resume(directory: $0) }
    case .again: return project.last.map { .run($0) }
    case .exit: return .nothing(exitCode: 0)
    case .new:
      guard !project.files.isEmpty else {
        note =
          "No eval files here. They are called *.eval.yaml and lie in a directory evals; "
          + "agentv init makes a first one, agentv eval FILE runs any."
        return nil
      }
      go(to: categories.count > 1 ? .category : .files)
      return nil
    }
  }

  private mutating func go(to next: Step) {
    history.append(step)
    open(next)
  }

  private mutating func open(_ next: Step) {
    step = next
    note = ""
    switch next {
    case .menu: prompt = menuPrompt()
    case .category: prompt = categoryPrompt()
    case .files: prompt = filesPrompt()
    case .target: prompt = targetPrompt()
    case .review: prompt = reviewPrompt()
    }
  }

  // MARK: - Questions

  private var categories: [String] { Array(Set(project.files.map(\.category))).sorted() }

  private func menuPrompt() -> Prompt {
    let items = menu.map { item -> PromptItem in
      switch item {
      case .resume:
        PromptItem("Resume last run", detail: Path.name(project.resumable ?? ""))
      case .again:
        PromptItem(
          "Rerun last configuration",
          detail: "\(project.last?.evalPaths.count ?? 0) eval file(s), "
            + "target: \(project.last?.target ?? "each file's own")")
      case .new: PromptItem("Run new evaluation", detail: "\(project.files.count) eval file(s)")
      case .exit: PromptItem("Exit")
      }
    }
    return Prompt("What would you like to do?", .one, items)
  }

  private func categoryPrompt() -> Prompt {
    let items = categories.map { category in
      PromptItem(
        category, detail: "\(project.files.count { $0.category == category }) eval file(s)")
    }
    return Prompt("Category", .one, [PromptItem(Self.allCategories)] + items)
  }

  private mutating func filesPrompt() -> Prompt {
    let category = category
    offered = project.files.filter { category == nil || $0.category == category }
    var prompt = Prompt(
      "Eval files", .many, offered.map { PromptItem($0.relativePath, detail: $0.category) })
    let before = offered.indices.filter { chosen.contains(offered[$0]) }
    if !before.isEmpty {
      prompt.tick(before)
    } else if offered.count <= Self.maximumTicked {
      prompt.tick(Array(offered.indices))
    }
    return prompt
  }

  private func targetPrompt() -> Prompt {
    let items = project.targets.map { PromptItem($0.name, detail: $0.provider) }
    let place = project.targets.firstIndex { $0.name == target }.map { $0 + 1 }
    return Prompt(
      "Target", .one, [PromptItem(Self.ownTargets)] + items, cursor: place ?? 0)
  }

  private func reviewPrompt() -> Prompt {
    let files = chosen.map(\.relativePath).joined(separator: ", ")
    return Prompt(
      "Run \(chosen.count) eval file(s) on \(target ?? "their own targets")?", .form,
      [
        PromptItem("Run", detail: files),
        PromptItem("Workers", values: (1...50).map(String.init), value: 2),
        PromptItem("Dry run", values: ["no", "yes"]),
        PromptItem("Keep answers in a cache", values: ["no", "yes"]),
      ])
  }

  private var configuration: LastConfig {
    let items = prompt.items
    return LastConfig(
      timestamp: "", cwd: project.cwd, evalPaths: chosen.map(\.path),
      target: target, workers: items[1].value + 1, dryRun: items[2].value == 1,
      cache: items[3].value == 1)
  }
}
