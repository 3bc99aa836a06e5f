// Every kind of file that a project is made of, through `agentv validate`: nothing in it may crash the
// reader, and reading it twice gives the same.

import Core
import EvalFiles

/// The first line names the file, the rest is what stands in it.
@Sendable func fuzzEvals(_ bytes: [UInt8]) {
  var input = Input(bytes)
  let name = input.line()
  guard names.contains(name) else { return }
  let content = input.remainder
  _ = project
  let path = Scratch.write(name, content)
  if name == ".env" {
    _ = DotEnv.parse(String(decoding: content, as: UTF8.self))
    return
  }
  let validator = Validator(
    workingDirectory: Scratch.path, environment: ["KEY": "value"], patternProblem: { _, _ in nil })
  let checked = validator.check(path)
  let lines = content.count { $0 == 0x0A || $0 == 0x0D } + 2
  for problem in checked.diagnostics where problem.file == checked.path {
    check((1...lines).contains(problem.line ?? 1), "a problem names a line of the file")
    check(!problem.message.isEmpty, "a problem says what is wrong")
  }
  check(
    checked.json.serialized() == validator.check(path).json.serialized(), "reading changes nothing")
  if name != "targets.yaml" && name != "config.yaml" {
    _ = try? EvalLoader.load(file: path, workingDirectory: Scratch.path, environment: [:])
  }
}

private let names: Set<String> = [
  "a.eval.yaml", "cases.jsonl", "cases.csv", "targets.yaml", "config.yaml", ".env", "evals.json",
]

/// Files that an input may refer to.
private let project: Void = {
  Scratch.write("prompt.md", Array("Say {{ input }}.\n".utf8))
  Scratch.write(".agentv/targets.yaml", Array("targets:\n  - {name: t, provider: mock}\n".utf8))
  Scratch.write("more/tests.jsonl", Array("{\"id\": \"x\", \"input\": \"i\"}\n".utf8))
}()
