// Keeps what a request names inside the project. Blocking: resolves links on the disk.

import Core

enum Confinement {
  /// Directory below which requests may name runs.
  static func results(of project: String) -> String { Path.join(project, ".agentv/results") }

  /// The run directory that a request names.
  ///
  /// A relative path is taken from the project, and when it is not in the results tree from there,
  /// so that `runs/default/x` and `.agentv/results/runs/default/x` mean the same.
  /// - Throws: `RequestError` when it lies outside, also by a link.
  static func runDirectory(
    _ text: String, project: String, field: String
  ) throws(RequestError) -> String {
    let root = results(of: project)
    var path = Path.absolute(text, in: project)
    if !Path.isAbsolute(text), !Path.isInside(path, root) { path = Path.absolute(text, in: root) }
    guard Path.isInside(path, root), path != root, path != Path.join(root, "runs"),
      let place = real(path), let results = real(root), Path.isInside(place, results)
    else {
      throw .badRequest(
        "outside-project",
        "\(field) must name a directory inside .agentv/results of the project; got \"\(text)\"",
        field: field)
    }
    return path
  }

  /// A file that a request names, which must exist in the project.
  static func isInside(project: String, _ path: String) -> Bool {
    guard let path = real(Path.absolute(path, in: project)), let project = real(project) else {
      return false
    }
    return Path.isInside(path, project)
  }

  /// Links followed at most, as the kernel does (path_resolution(7)).
  private static let maximumLinks = 40

  /// The path with links resolved as far as it exists; `nil` when they lead in a circle.
  static func real(_ path: String) -> String? { real(path, links: maximumLinks) }

  private static func real(_ path: String, links: Int) -> String? {
    if let resolved = FileIO.realPath(path) { return resolved }
    // A dangling link would be followed when the directory is made.
    if FileIO.linkStatus(path)?.kind == .link, let target = FileIO.readLink(path) {
      guard links > 0 else { return nil }
      return real(Path.absolute(target, in: Path.directory(path)), links: links - 1)
    }
    let parent = Path.directory(path)
    guard parent != path else { return path }
    return real(parent, links: links).map { Path.join($0, Path.name(path)) }
  }
}
