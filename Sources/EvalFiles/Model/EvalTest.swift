// One test of an eval file, ready to be run.

public import Core

/// One test, with everything of its suite merged in.
public struct EvalTest: Sendable, Hashable {
  /// Its id, unique in its file.
  public var id: String
  /// Name of its suite.
  public var suite: String
  /// Its category; `nil` for kinds of file that have none.
  public var category: String?
  /// Messages to the target: the suite's, then its own; file references resolved.
  public var input: [Message]
  /// Messages expected from the target.
  public var expectedOutput: [Message]
  /// What is expected in prose; empty when not given.
  public var criteria: String
  /// Its graders, then the suite's.
  public var assertions: [GraderSpec]
  /// Score from which it passes, 0…1, if it says so itself.
  public var threshold: Double?
  /// The only targets it runs on, if it says so.
  public var targets: [String]?
  /// Free data, copied to the result.
  public var metadata: JSON?
  /// Conversation it belongs to, copied to the result.
  public var conversationID: String?
  /// Its turns, when it is a conversation.
  public var conversation: Conversation?
  /// Tests that must have ended before it starts.
  public var dependencies = TestDependencies()
  /// The workspace it asks for: the suite's with its own put over it.
  public var workspace: Shared<WorkspaceSpec>?
  /// Directory of its eval file, absolute.
  public var directory: String
  /// Directories in which referenced files are looked for, nearest first.
  public var searchRoots: [String]
  /// What was written for it and has no property of its own here, environment references replaced.
  ///
  /// The fields that have one are not kept twice, since there may be a hundred thousand tests.
  public var raw: JSON
  /// Line of the eval file (or of its external file) at which it begins, from 1.
  public var line: Int

  /// A test; only what differs from an empty one need be given.
  public init(
    id: String, suite: String, category: String? = nil, input: [Message],
    expectedOutput: [Message] = [], criteria: String = "", assertions: [GraderSpec] = [],
    threshold: Double? = nil, targets: [String]? = nil, metadata: JSON? = nil,
    conversationID: String? = nil, workspace: Shared<WorkspaceSpec>? = nil,
    directory: String = "/", searchRoots: [String] = [], raw: JSON = .null, line: Int = 0
  ) {
    self.id = id
    self.suite = suite
    self.category = category
    self.input = input
    self.expectedOutput = expectedOutput
    self.criteria = criteria
    self.assertions = assertions
    self.threshold = threshold
    self.targets = targets
    self.metadata = metadata
    self.conversationID = conversationID
    self.workspace = workspace
    self.directory = directory
    self.searchRoots = searchRoots
    self.raw = raw
    self.line = line
  }

  /// What graders compare with: the content of the last expected message, else its tool calls as
  /// JSON, else nothing.
  public var referenceAnswer: String {
    guard let last = expectedOutput.last else { return "" }
    switch last.content {
    case .text(let text): return text
    case .some(let content): return content.json.prettyText
    case nil:
      return last.toolCalls.isEmpty ? "" : JSON.array(last.toolCalls.map(\.json)).prettyText
    }
  }

  /// Absolute paths of the files its input refers to, in order, each once.
  public var inputFiles: [String] {
    var paths: [String] = []
    for message in input {
      guard case .blocks(let blocks)? = message.content else { continue }
      for block in blocks where block["type"] == "file" {
        if let path = block["resolvedPath"]?.string, !paths.contains(path) { paths.append(path) }
      }
    }
    return paths
  }
}
