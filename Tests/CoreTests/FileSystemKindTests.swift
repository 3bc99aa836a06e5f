import Testing

@testable import Core

struct FileSystemKindTests {
  private let mounts = """
    22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
    30 22 0:41 / /home rw,relatime shared:9 master:2 - nfs4 server:/home rw
    31 30 0:42 / /home/me/my\\040disk rw,relatime - fuse.sshfs me@host:/ rw
    32 22 0:43 / /data rw - nfs server:/data rw
    33 22 8:2 / /data rw - xfs /dev/sdb1 rw
    """

  @Test(arguments: [
    ("/usr/lib", "ext4"), ("/home/me", "nfs4"), ("/homes", "ext4"),
    ("/home/me/my disk/runs", "fuse.sshfs"), ("/data/runs", "xfs"),
  ])
  func `the longest and latest mount point decides`(_ path: String, _ kind: String) {
    #expect(FileIO.fileSystemKind(of: path, mounts: mounts) == kind)
  }

  @Test func `a missing path is on no shared file system`() {
    #expect(!FileIO.isOnSharedFileSystem("/nowhere/at/all"))
  }
}
