// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 language mode comes with the tools version; the upcoming
/// features make each leaked dependency and each existential visible.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// For the modules that never touch C: a raw pointer in one of them is a build error.
let memorySafe: [SwiftSetting] = strict + [.strictMemorySafety()]

let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "agentv",
  products: [.executable(name: "agentv", targets: ["agentv"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Without pkg-config, whose libevent_pthreads links the all-in-one libevent as well: two copies
    // of the library in one process. The module map names the parts that are used.
    .systemLibrary(name: "CLibevent", providers: [.apt(["libevent-dev"])]),
    .target(
      name: "CShims", dependencies: ["CLibevent"], linkerSettings: [.linkedLibrary("z")]),
    // Only libcurl's headers are needed here: it is loaded when the first model is called.
    .target(name: "CCurl"),
    // The same of OpenSSL: it is loaded when a server gets a certificate.
    .target(name: "CTLS"),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .target(name: "Core", swiftSettings: strict),
    .target(
      name: "EventLoop", dependencies: ["CShims", "CLibevent", "Core"], swiftSettings: strict),
    .target(
      name: "HTTPServer", dependencies: ["EventLoop", "CShims", "CLibevent", "CTLS", "Core"],
      swiftSettings: strict),
    .target(
      name: "HTTPClient", dependencies: ["EventLoop", "CCurl", "Core"], swiftSettings: strict),
    .target(name: "EventStream", dependencies: ["EventLoop", "Core"], swiftSettings: memorySafe),
    .target(
      name: "Supervisor", dependencies: ["EventLoop", "CShims", "Core"], swiftSettings: strict),
    .target(name: "EvalFiles", dependencies: ["Core", yams], swiftSettings: memorySafe),
    .target(
      name: "Providers",
      dependencies: ["Core", "Supervisor", "EventLoop", "EvalFiles", "HTTPClient"],
      swiftSettings: memorySafe),
    .target(
      name: "Graders", dependencies: ["Core", "Supervisor", "EventLoop", "EvalFiles"],
      swiftSettings: memorySafe),
    .target(
      name: "ScriptProxy",
      dependencies: ["Core", "EventLoop", "HTTPServer", "EvalFiles", "Graders"],
      swiftSettings: memorySafe),
    .target(
      name: "Workspaces", dependencies: ["Core", "Supervisor", "EventLoop", "EvalFiles"],
      swiftSettings: memorySafe),
    .target(name: "RunArtifacts", dependencies: ["Core"], swiftSettings: memorySafe),
    .target(
      name: "Wizard", dependencies: ["Core", "EvalFiles", "RunArtifacts"],
      swiftSettings: memorySafe),
    .target(
      name: "RunControl", dependencies: ["Core", "EventLoop", "RunArtifacts", "Supervisor"],
      swiftSettings: memorySafe),
    .target(
      name: "Reports", dependencies: ["Core", "RunArtifacts", "EvalFiles"],
      resources: [
        .embedInCode("../../web/report/report.css"), .embedInCode("../../web/report/report.js"),
      ],
      swiftSettings: memorySafe),
    .target(
      name: "EvalRunner",
      dependencies: [
        "Core", "EventLoop", "Supervisor", "EvalFiles", "Providers", "Graders", "ScriptProxy",
        "RunArtifacts", "Workspaces", "Reports", "HTTPClient",
      ],
      swiftSettings: memorySafe),
    .target(
      name: "JobStore", dependencies: ["CSQLite", "Core", "EventLoop"], swiftSettings: strict),
    .target(
      name: "Studio",
      dependencies: [
        "Core", "EventLoop", "HTTPServer", "EventStream", "Supervisor", "RunArtifacts", "EvalFiles",
        "RunControl", "JobStore",
      ],
      resources: [.copy("../../web/public")],
      swiftSettings: memorySafe),
    .executableTarget(
      name: "agentv",
      dependencies: [
        "Core", "EventLoop", "Supervisor", "Studio", "EvalRunner", "EvalFiles", "RunArtifacts",
        "RunControl", "Wizard", "Reports", "Graders", argumentParser,
      ],
      swiftSettings: memorySafe),

    .target(
      name: "TestSupport", dependencies: ["Core", "EventLoop", "Supervisor"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    .executableTarget(
      name: "TestChild", dependencies: ["Core", "EventLoop", "Supervisor"],
      path: "Tests/TestChild", swiftSettings: strict),
    .executableTarget(
      name: "SSEBenchServer", dependencies: ["Core", "EventLoop", "HTTPServer", "EventStream"],
      path: "bench/SSEBenchServer", swiftSettings: strict),
    .executableTarget(
      name: "ExitLatencyBench",
      dependencies: ["Core", "EventLoop", "HTTPServer", "EventStream", "Supervisor"],
      path: "bench/ExitLatencyBench", swiftSettings: strict),
  ]
)

/// Unit tests mirror Sources, one test target beside each module.
func tests(_ module: String, _ more: [Target.Dependency] = []) -> Target {
  .testTarget(
    name: "\(module)Tests",
    dependencies: (module == "Core" ? [] : [.target(name: module)])
      + ["Core", "TestSupport"] + more,
    path: "Tests/\(module)Tests", swiftSettings: strict)
}

package.targets += [
  tests("Core"),
  tests("Supervisor", ["EventLoop", "TestChild", "agentv"]),
  tests("Workspaces", ["EvalFiles", "Supervisor"]),
  tests("RunArtifacts"),
  tests("Reports", ["RunArtifacts", "EvalFiles"]),
  tests("EvalRunner", ["EvalFiles", "Graders", "Providers", "RunArtifacts"]),
  tests("Wizard", ["EvalFiles", "RunArtifacts"]),
  tests("RunControl", ["EventLoop", "RunArtifacts", "Supervisor"]),
  tests("JobStore", ["EventLoop", "CSQLite"]),
  tests(
    "Studio", ["EventLoop", "EventStream", "HTTPServer", "JobStore", "RunArtifacts", "RunControl"]),
  tests("EventLoop", ["CShims"]),
  tests("HTTPServer", ["EventLoop", "Supervisor"]),
  tests("HTTPClient", ["EventLoop", "HTTPServer", "Supervisor"]),
  tests("EventStream", ["EventLoop"]),
  .testTarget(
    name: "IntegrationTests",
    dependencies: ["Core", "EventLoop", "Supervisor", "RunArtifacts", "TestSupport", "agentv"],
    path: "Tests/IntegrationTests", swiftSettings: strict),
  tests("EvalFiles"),
  tests("Graders", ["EvalFiles", "Supervisor"]),
  tests("ScriptProxy", ["EvalFiles", "EventLoop", "Graders"]),
  tests("Providers", ["EvalFiles", "EventLoop", "HTTPClient", "Supervisor"]),
]

// Fuzz targets (scripts/fuzz): only there when asked for, for they need libFuzzer's instrumentation.
if Context.environment["AGENTV_FUZZ"] == "1" {
  package.targets.append(
    .executableTarget(
      name: "Fuzz",
      dependencies: [
        "Core", "EventLoop", "HTTPServer", "EventStream", "EvalFiles", "RunArtifacts", "Providers",
        "Studio",
      ],
      path: "Tests/Fuzz/Targets", swiftSettings: strict))
}
