import CShims
import Glibc

/// One change that inotify(7) reported.
public struct FileEvent: Sendable, Equatable {
  /// What happened, and what to ask for.
  public struct Kinds: OptionSet, Sendable, Hashable {
    /// The bits.
    public let rawValue: UInt32

    /// Makes a set from its bits.
    ///
    /// - Parameter rawValue: the bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A file or directory was created in the watched directory.
    public static let created = Kinds(rawValue: UInt32(IN_CREATE))
    /// A file was written to or cut.
    public static let modified = Kinds(rawValue: UInt32(IN_MODIFY))
    /// A file that was open for writing was closed.
    public static let closedAfterWrite = Kinds(rawValue: UInt32(IN_CLOSE_WRITE))
    /// Something was moved into the watched directory: also the end of every atomic replace.
    public static let movedIn = Kinds(rawValue: UInt32(IN_MOVED_TO))
    /// Something was moved out of the watched directory.
    public static let movedOut = Kinds(rawValue: UInt32(IN_MOVED_FROM))
    /// Something in the watched directory was deleted.
    public static let deleted = Kinds(rawValue: UInt32(IN_DELETE))
    /// The watched file or directory itself was deleted.
    public static let selfDeleted = Kinds(rawValue: UInt32(IN_DELETE_SELF))
    /// The watched file or directory itself was moved; the watch goes on at its new place.
    public static let selfMoved = Kinds(rawValue: UInt32(IN_MOVE_SELF))
    /// The watch has ended: nothing more comes for it.
    ///
    /// Always reported.
    public static let watchEnded = Kinds(rawValue: UInt32(IN_IGNORED))
    /// Events were lost: look at everything again.
    ///
    /// Always reported, with no watch.
    public static let overflow = Kinds(rawValue: UInt32(IN_Q_OVERFLOW))

    /// Everything that changes a directory's content or the watched object.
    public static let changes: Kinds = [
      .created, .modified, .closedAfterWrite, .movedIn, .movedOut, .deleted, .selfDeleted,
      .selfMoved,
    ]
  }

  /// What happened.
  public let kinds: Kinds
  /// The watch it belongs to; nil for an overflow.
  public let watch: FileWatcher.WatchID?
  /// The name inside the watched directory; empty when the watched object itself is meant.
  public let name: String
  /// Whether the object is a directory.
  public let isDirectory: Bool
}

/// Watches files and directories with inotify(7).
///
/// A directory watch is not recursive: watch each directory, and look into a new one after watching
/// it, because what was created before the watch is not reported. Events of one read are handed over
/// in order, in one turn of the loop.
@LoopActor
public final class FileWatcher {
  /// Names one watch of one watcher.
  public struct WatchID: Hashable, Sendable {
    let descriptor: Int32
  }

  /// Room for one read: inotify asks for at least one event with a name of 255 bytes.
  private static let bufferBytes = 64 * 1024

  private let handler: @LoopActor (FileEvent) -> Void
  private let descriptor: Int32
  private var source: DescriptorSource?

  /// Makes a watcher that watches nothing yet.
  ///
  /// - Parameter handler: gets each event.
  /// - Throws: ``EventLoopError`` when the user's limit of inotify instances is reached.
  public init(_ handler: @escaping @LoopActor (FileEvent) -> Void) throws(EventLoopError) {
    self.handler = handler
    descriptor = agentv_inotify()
    guard descriptor >= 0 else {
      throw EventLoopError(code: .watchLimit, object: "inotify", errno: errno)
    }
    source = try DescriptorSource(descriptor: descriptor, events: .read) { [weak self] _ in
      self?.read()
    }
  }

  isolated deinit {
    source?.cancel()
    if descriptor >= 0 { close(descriptor) }
  }

  /// Watches a file or directory.
  ///
  /// Watching the same object again replaces what is asked for.
  ///
  /// - Parameters:
  ///   - path: what to watch; a symbolic link is followed.
  ///   - kinds: what to report.
  /// - Returns: the watch, to tell events apart and to end it.
  /// - Throws: ``EventLoopError``: it does not exist, may not be read, or a limit is reached.
  @discardableResult
  public func watch(_ path: String, for kinds: FileEvent.Kinds = .changes) throws(EventLoopError)
    -> WatchID
  {
    let watch = inotify_add_watch(descriptor, path, kinds.rawValue)
    guard watch >= 0 else {
      throw EventLoopError(
        code: errno == ENOSPC ? .watchLimit : .watch, object: path, errno: errno)
    }
    return WatchID(descriptor: watch)
  }

  /// Ends a watch.
  ///
  /// Events that wait to be read may still come, and a last one that says it ended.
  ///
  /// - Parameter watch: what ``watch(_:for:)`` returned.
  public func unwatch(_ watch: WatchID) {
    inotify_rm_watch(descriptor, watch.descriptor)
  }

  /// Hands over what the kernel has to tell already, without waiting for the loop's next turn.
  ///
  /// What was changed before this call, also by another process, has been told when it returns.
  public func catchUp() {
    while read() {}
  }

  /// Reads once.
  ///
  /// - Returns: whether there may be more.
  @discardableResult
  private func read() -> Bool {
    var events: [FileEvent] = []
    var isMore = false
    withUnsafeTemporaryAllocation(
      byteCount: Self.bufferBytes, alignment: MemoryLayout<inotify_event>.alignment
    ) { buffer in
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      guard count > 0 else { return }
      // Less than this is left free only when the queue is empty.
      isMore = count > buffer.count - MemoryLayout<inotify_event>.size - Int(NAME_MAX) - 1
      var offset = 0
      let header = MemoryLayout<inotify_event>.size
      while offset + header <= count {
        let event = buffer.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
        let nameBytes = buffer[(offset + header)..<(offset + header + Int(event.len))]
        // The kernel pads names with NUL to a multiple of the alignment.
        let name = String(decoding: nameBytes.prefix { $0 != 0 }, as: UTF8.self)
        events.append(
          FileEvent(
            kinds: FileEvent.Kinds(rawValue: event.mask & ~UInt32(IN_ISDIR)),
            watch: event.wd < 0 ? nil : WatchID(descriptor: event.wd), name: name,
            isDirectory: event.mask & UInt32(IN_ISDIR) != 0))
        offset += header + Int(event.len)
      }
    }
    for event in events { handler(event) }
    return isMore
  }
}
