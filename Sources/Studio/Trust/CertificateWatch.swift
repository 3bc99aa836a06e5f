// Certificates are renewed while the server runs.

import Core
import EventLoop
import HTTPServer

extension StudioServer {
  /// The certificate that the server was started with; `nil` for plain HTTP.
  static func identity(_ configuration: StudioConfiguration) throws(StudioError) -> TLSIdentity? {
    switch (configuration.certificateFile, configuration.keyFile) {
    case (nil, nil): return nil
    case (let certificate?, let key?):
      do throws(TLSError) {
        return try TLSIdentity(certificateFile: certificate, keyFile: key)
      } catch {
        throw StudioError(error.description)
      }
    case (nil, _): throw StudioError("--tls-key needs the certificate: give --tls-cert as well")
    case (_, nil): throw StudioError("--tls-cert needs its private key: give --tls-key as well")
    }
  }

  /// What the user should know about the way the server was started.
  public func warnings() -> [String] {
    var lines: [String] = []
    if let line = identity?.warning(at: .now()) { lines.append(line) }
    if let key = configuration.keyFile, FileIO.isOpenToOthers(key) {
      lines.append(
        "warning: other users of this machine may read the private key \"\(key)\"; chmod 600 it")
    }
    if let file = configuration.tokenFile, FileIO.isOpenToOthers(file) {
      lines.append(
        "warning: other users of this machine may read the token in \"\(file)\"; chmod 600 it")
    }
    if configuration.isTokenOnCommandLine {
      lines.append(
        "warning: every user of this machine can see the token of --token in the list of processes; "
          + "use --token-file or \(StudioConfiguration.tokenVariable)")
    }
    if let token = configuration.token, token.utf8.count < StudioConfiguration.shortToken {
      lines.append(
        "warning: the token has \(token.utf8.count) characters and could be guessed; use "
          + "\(StudioConfiguration.shortToken) or more, for example: openssl rand -hex 24")
    }
    return lines
  }
}

/// Reads a certificate again when its files have changed.
///
/// Renewal tools replace a file, or a link to it, so it is their directories that are watched. What
/// cannot be used leaves the old certificate in force.
@LoopActor
final class CertificateWatch {
  private let identity: TLSIdentity
  private var watcher: FileWatcher?
  private lazy var timer = LoopTimer { [weak self] in self?.reload() }

  /// Renewal writes two files; both should be there when they are read.
  private static let settling = Duration.seconds(1)

  init(_ identity: TLSIdentity) {
    self.identity = identity
    let files = [identity.certificateFile, identity.keyFile]
    watcher = try? FileWatcher { [weak self] event in
      guard event.kinds.isDisjoint(with: .watchEnded) else { return }
      self?.timer.schedule(after: Self.settling)
    }
    let directories = Set(files.flatMap { [$0, FileIO.realPath($0) ?? $0].map(Path.directory) })
    for directory in directories {
      _ = try? watcher?.watch(
        directory, for: [.closedAfterWrite, .movedIn, .created, .deleted])
    }
  }

  private func reload() {
    do throws(TLSError) {
      try identity.reload()
      StandardStream.error.write(
        "Certificate read again; it holds until \(identity.validUntil)\n")
      if let line = identity.warning(at: .now()) { StandardStream.error.write("\(line)\n") }
    } catch {
      StandardStream.error.write("warning: the old certificate stays in use: \(error)\n")
    }
  }
}
