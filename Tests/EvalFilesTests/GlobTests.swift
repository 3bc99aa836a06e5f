import Testing

@testable import EvalFiles

@Suite struct GlobTests {
  @Test(arguments: [
    ("*.yaml", "a.yaml", true), ("*.yaml", "d/a.yaml", false), ("*.yaml", ".a.yaml", true),
    ("**/*.yaml", "a.yaml", true), ("**/*.yaml", "d/e/a.yaml", true), ("d/**", "d/e/a", true),
    ("d/**", "e/a", false), ("d/**/a", "d/a", true), ("d/**/a", "d/x/y/a", true),
    ("?.txt", "a.txt", true), ("?.txt", "ab.txt", false), ("[ab].t", "b.t", true),
    ("[!ab].t", "b.t", false), ("[a-c]x", "cx", true), ("[a-c]x", "dx", false),
    ("a[1]", "a[1]", true), ("a[1]", "a1", true), ("a[", "a[", true), ("[]]", "]", true),
    ("{a,b}.t", "b.t", true), ("{a,b}.t", "c.t", false),
    ("{a,b{1..3}}", "b2", true), ("{a}", "{a}", true), ("a{1..3}", "a4", false),
    ("\\*", "*", true), ("\\*", "x", false), ("!*.yaml", "a.yaml", false),
    ("!*.yaml", "a.txt", true), ("./a/*", "a/b", true), ("a*b*c", "aXbYc", true),
    ("a*b*c", "aXbY", false), ("**", "a/b/c", true), ("case-*", "case-1/x", false),
    ("**/**/a", "x/y/a", true), ("**/**/**", "a", true), ("a/**/**/b", "a/b", true),
  ])
  func `a pattern matches as fast-glob and micromatch match it`(
    pattern: String, path: String, expected: Bool
  ) {
    #expect(Glob(pattern).matches(path) == expected)
  }

  @Test(.timeLimit(.minutes(5)), arguments: ["**/", "**/a/", "*/**/"])
  func `a pattern with thousands of segments costs no time`(_ part: String) {
    let glob = Glob(String(repeating: part, count: 5000) + "x")
    let path = String(repeating: "a/", count: 60) + "x"
    for _ in 0..<1000 { #expect(glob.matches(path) == (part == "**/")) }
  }

  @Test func `letters match in any case when asked to`() {
    #expect(Glob("**/*.eval.yaml", ignoringCase: true).matches("Evals/A.EVAL.Yaml"))
    #expect(!Glob("**/*.eval.yaml").matches("Evals/A.EVAL.yaml"))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pattern of many stars takes time linear in the name`() {
    let pattern = String(repeating: "*a", count: 40) + "b"
    #expect(!Glob(pattern).matches(String(repeating: "a", count: 20_000)))
  }

  @Test(.timeLimit(.minutes(1)))
  func `a pattern that expands without bounds is taken literally`() {
    let pattern = String(repeating: "{a,b}", count: 40)
    #expect(Glob(pattern).alternatives.count == 1)
    #expect(Glob("{1..99999999}").alternatives.count == 1)
  }

  @Test func `a bracket that is never closed is noticed`() {
    #expect(Glob.problem(in: "a[b")?.contains("\"]\"") == true)
    #expect(Glob.problem(in: "a{b,c") != nil)
    #expect(Glob.problem(in: "a{b,c}[d]") == nil)
    #expect(Glob.problem(in: "a\\[b") == nil)
  }
}
