import CTLS
public import Core
public import EventLoop

/// What a server shows its clients over TLS: a chain of certificates and the private key of the
/// first.
///
/// OpenSSL is loaded with the first identity, so that a server without one pays nothing. TLS 1.2 and
/// 1.3 with forward secrecy are spoken.
@LoopActor
public final class TLSIdentity {
  /// The file with the chain of certificates, PEM, the server's own first.
  public nonisolated let certificateFile: String
  /// The file with the private key, PEM, not encrypted.
  public nonisolated let keyFile: String
  /// The time from which the certificate holds.
  public private(set) var validFrom: Timestamp
  /// The time until which the certificate holds.
  public private(set) var validUntil: Timestamp

  private var context: UnsafeMutableRawPointer

  /// Reads both files.
  ///
  /// Blocks for a moment: the files are small and local.
  ///
  /// - Parameters:
  ///   - certificateFile: the chain of certificates.
  ///   - keyFile: the private key.
  /// - Throws: ``TLSError``.
  public init(certificateFile: String, keyFile: String) throws(TLSError) {
    let identity = try Self.read(certificateFile, keyFile)
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    context = identity.context
    (validFrom, validUntil) = identity.validity
  }

  isolated deinit { agentv_tls_release(context) }

  /// Reads both files again; connections that are open keep what they have.
  ///
  /// - Throws: ``TLSError``, and then what was read before stays in force.
  public func reload() throws(TLSError) {
    let identity = try Self.read(certificateFile, keyFile)
    agentv_tls_release(context)
    context = identity.context
    (validFrom, validUntil) = identity.validity
  }

  /// What is wrong with the certificate's time, or nil.
  ///
  /// - Parameter now: the time to look at.
  /// - Returns: a line to warn with.
  public func warning(at now: Timestamp) -> String? {
    if now > validUntil {
      return "warning: the certificate in \"\(certificateFile)\" expired on \(validUntil); "
        + "browsers will refuse it"
    }
    if now < validFrom {
      return "warning: the certificate in \"\(certificateFile)\" holds only from \(validFrom) on; "
        + "browsers will refuse it, or the clock is wrong"
    }
    return nil
  }

  /// The bufferevent of an accepted connection.
  func makeBuffer() -> OpaquePointer? { agentv_tls_accept(LoopActor.eventBase, context) }

  // MARK: Reading

  /// The library of Debian and its relatives, then the name of a development package.
  private static let libraries = ["libevent_openssl-2.1.so.7", "libevent_openssl.so"]

  private static func load() throws(TLSError) {
    var reason = ""
    for library in libraries {
      guard let text = agentv_tls_load(library) else { return }
      if reason.isEmpty { reason = String(cString: text) }
    }
    throw TLSError(code: .library, file: "", detail: reason)
  }

  private static func read(_ certificateFile: String, _ keyFile: String) throws(TLSError)
    -> (context: UnsafeMutableRawPointer, validity: (Timestamp, Timestamp))
  {
    for file in [certificateFile, keyFile] {
      do throws(FileError) {
        _ = try FileIO.read(file, limitBytes: fileBytes)
      } catch {
        throw TLSError(code: .unreadable, file: file, detail: "\(error)")
      }
    }
    try load()
    var identity = agentv_tls_identity()
    agentv_tls_identity_read(&identity, certificateFile, keyFile)
    guard let context = identity.context else {
      let detail = withUnsafeBytes(of: identity.reason) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let code: TLSError.Code =
        switch identity.failure {
        case AGENTV_TLS_CERTIFICATE: .certificate
        case AGENTV_TLS_KEY: .key
        case AGENTV_TLS_KEY_ENCRYPTED: .encryptedKey
        case AGENTV_TLS_MISMATCH: .mismatch
        default: .library
        }
      throw TLSError(
        code: code, file: code == .certificate ? certificateFile : keyFile, detail: detail)
    }
    let time = { (seconds: Int64) in
      Timestamp(millisecondsSinceEpoch: Int(clamping: seconds) * 1000)
    }
    return (context, (time(identity.not_before), time(identity.not_after)))
  }

  /// No chain of certificates is larger.
  private static let fileBytes = 1024 * 1024
}

/// Why a certificate or its key cannot be used.
public struct TLSError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The closed set of causes.
  public enum Code: String, Sendable {
    /// A file is missing or may not be read.
    case unreadable
    /// The file holds no certificate in PEM form, or one that OpenSSL refuses.
    case certificate
    /// The file holds no private key in PEM form.
    case key
    /// The private key is encrypted.
    case encryptedKey
    /// The key is not that of the certificate.
    case mismatch
    /// OpenSSL or libevent's layer over it is not installed, or cannot be set up.
    case library
  }

  /// The cause.
  public let code: Code
  /// The file; empty when it is not about one.
  public let file: String
  /// What the system or OpenSSL says.
  public let detail: String

  /// What failed, why, and what helps.
  public var description: String {
    let reason = detail.isEmpty ? "" : " (\(detail))"
    return switch code {
    case .unreadable: "cannot read a file for TLS: \(detail)"
    case .certificate:
      "\"\(file)\" holds no certificate that can be used\(reason); --tls-cert takes a chain in PEM "
        + "form, the server's own certificate first"
    case .key: "\"\(file)\" holds no private key\(reason); --tls-key takes one in PEM form"
    case .encryptedKey:
      "the private key in \"\(file)\" is encrypted and nobody can be asked for its passphrase; "
        + "decrypt it with: openssl pkey -in \"\(file)\" -out KEY.pem"
    case .mismatch:
      "the private key in \"\(file)\" is not that of the certificate\(reason); --tls-cert and "
        + "--tls-key must belong together"
    case .library:
      "TLS is not available\(reason); install it (Debian: apt-get install libevent-openssl-2.1-7)"
    }
  }
}
