#pragma once
// Processes: what Swift cannot call of posix_spawn(3), waitid(2), pidfd_open(2) and prctl(2).

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

// What agentv_spawn needs. Pointers are borrowed for the length of the call.
struct agentv_spawn_request {
  const char *_Nonnull path;                 // executable, not looked up in PATH
  char *_Nullable const *_Nonnull arguments; // with the name first, ended by NULL
  char *_Nullable const *_Nonnull environment;
  const char *_Nullable directory; // working directory; NULL keeps ours
  int descriptors[3];              // become 0, 1, 2; each 3 or greater, or in place already
  int new_session;                 // 1: setsid, 0: own process group
  uint64_t blocked;                // bit n-1 set: signal n stays blocked in the child
};

// Starts a process with only 0, 1 and 2 open, every signal at its default action and none blocked
// but those asked for. Returns 0, or the errno of the step that failed.
int agentv_spawn(const struct agentv_spawn_request *_Nonnull request, pid_t *_Nonnull pid);

// Waits until some child has ended and leaves it a zombie. Returns 0, or errno (ECHILD: no child).
int agentv_wait_any(pid_t *_Nonnull pid, int block);

// Takes a zombie away. `code` is the exit code, or the signal when `signaled` is 1.
// Returns 0, or errno; ECHILD when the process is no child of ours, EAGAIN when it still runs.
int agentv_reap(
  pid_t pid, int *_Nonnull code, int *_Nonnull signaled, struct rusage *_Nonnull usage);

// pidfd_open(2), close-on-exec by nature. Returns a descriptor, or -1 with errno.
int agentv_pidfd_open(pid_t pid);

// pidfd_send_signal(2). Returns 0, or errno.
int agentv_pidfd_signal(int descriptor, int signal);

// Orphaned descendants become our children (PR_SET_CHILD_SUBREAPER). Returns 0, or errno.
int agentv_become_subreaper(void);

// Takes signals off the calling thread's mask, bits as in `blocked`. Returns 0, or errno.
int agentv_unblock_signals(uint64_t signals);

// Catches these signals, bits as in `blocked`, with a handler that only notes the last one.
void agentv_note_signals(uint64_t signals);

// The last signal noted, 0 when none was.
int agentv_noted_signal(void);

// Sets the soft limit of RLIMIT_RTTIME of this process and, by inheritance, of all that it starts;
// the hard limit stays. C because the resource is an enum that Swift sees with another type.
// Returns 0, or errno: EINVAL when the hard limit is lower.
int agentv_set_realtime_limit(uint64_t microseconds);

// pipe2(2) with O_CLOEXEC. Returns 0, or errno.
int agentv_pipe(int *_Nonnull reading, int *_Nonnull writing);
