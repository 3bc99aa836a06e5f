// Tokens of one test or one run.

public import Core

/// Tokens that a target reported.
public struct TokenCount: Sendable, Hashable {
  /// Tokens of the prompt.
  public var input: Int
  /// Tokens of the answer.
  public var output: Int
  /// Tokens spent on reasoning, when the target tells them apart.
  public var reasoning: Int?
  /// Tokens of the prompt that came from the model's cache, when the target tells them apart.
  public var cached: Int?

  /// A count.
  public init(input: Int, output: Int, reasoning: Int? = nil, cached: Int? = nil) {
    self.input = input
    self.output = output
    self.reasoning = reasoning
    self.cached = cached
  }

  /// Reads `{input, output, reasoning?, cached?}`; `nil` for anything that is no object with a
  /// number in it.
  public init?(json: JSON?) {
    guard let object = json?.object else { return nil }
    let input = object["input"]?.int
    let output = object["output"]?.int
    guard input != nil || output != nil else { return nil }
    self.init(
      input: input ?? 0, output: output ?? 0, reasoning: object["reasoning"]?.int,
      cached: object["cached"]?.int)
  }

  /// Input and output together, as summaries count.
  public var total: Int { input + output }

  /// The form in rows.
  public var json: JSON {
    var object: JSONObject = ["input": .int(input), "output": .int(output)]
    if let reasoning { object["reasoning"] = .int(reasoning) }
    if let cached { object["cached"] = .int(cached) }
    return .object(object)
  }
}
