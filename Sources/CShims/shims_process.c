#define _GNU_SOURCE
#include "include/shims_process.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void fill(sigset_t *set, uint64_t bits) {
  sigemptyset(set);
  for (int signal = 1; signal <= 64; signal++)
    if (bits >> (signal - 1) & 1) sigaddset(set, signal);
}

int agentv_spawn(const struct agentv_spawn_request *request, pid_t *pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t set;
  int error = posix_spawn_file_actions_init(&actions);
  if (error) return error;
  error = posix_spawnattr_init(&attributes);
  if (error) {
    posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  for (int target = 0; target < 3 && !error; target++)
    error = posix_spawn_file_actions_adddup2(&actions, request->descriptors[target], target);
  // After the duplicates: everything else goes, also what a library opened without O_CLOEXEC.
  if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  if (!error && request->directory)
    error = posix_spawn_file_actions_addchdir_np(&actions, request->directory);
  short flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
  flags |= request->new_session ? POSIX_SPAWN_SETSID : POSIX_SPAWN_SETPGROUP;
  if (!error) error = posix_spawnattr_setflags(&attributes, flags);
  if (!error && !request->new_session) error = posix_spawnattr_setpgroup(&attributes, 0);
  sigfillset(&set);
  if (!error) error = posix_spawnattr_setsigdefault(&attributes, &set);
  fill(&set, request->blocked);
  if (!error) error = posix_spawnattr_setsigmask(&attributes, &set);
  if (!error)
    error = posix_spawn(
      pid, request->path, &actions, &attributes, request->arguments, request->environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

int agentv_wait_any(pid_t *pid, int block) {
  siginfo_t info;
  info.si_pid = 0;
  // __WALL: a process made with clone(2) and another exit signal counts as well.
  int options = WEXITED | WNOWAIT | __WALL | (block ? 0 : WNOHANG);
  while (waitid(P_ALL, 0, &info, options) != 0)
    if (errno != EINTR) return errno;
  *pid = info.si_pid;
  return info.si_pid ? 0 : EAGAIN;
}

int agentv_reap(pid_t pid, int *code, int *signaled, struct rusage *usage) {
  int status = 0;
  pid_t reaped;
  do
    reaped = wait4(pid, &status, WNOHANG | __WALL, usage);
  while (reaped < 0 && errno == EINTR);
  if (reaped < 0) return errno;
  if (reaped == 0) return EAGAIN;
  *signaled = WIFSIGNALED(status) ? 1 : 0;
  *code = *signaled ? WTERMSIG(status) : WEXITSTATUS(status);
  return 0;
}

// By number: glibc has wrappers only since 2.36.
int agentv_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int agentv_pidfd_signal(int descriptor, int signal) {
  return syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0) == 0 ? 0 : errno;
}

int agentv_become_subreaper(void) {
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 ? 0 : errno;
}

int agentv_unblock_signals(uint64_t signals) {
  sigset_t set;
  fill(&set, signals);
  return pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

static volatile sig_atomic_t noted;

static void note(int signal) { noted = signal; }

void agentv_note_signals(uint64_t signals) {
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  for (int signal = 1; signal <= 64; signal++)
    if (signals >> (signal - 1) & 1) sigaction(signal, &action, NULL);
}

int agentv_noted_signal(void) { return noted; }

int agentv_set_realtime_limit(uint64_t microseconds) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_RTTIME, &limit) != 0) return errno;
  limit.rlim_cur = microseconds;
  return setrlimit(RLIMIT_RTTIME, &limit) == 0 ? 0 : errno;
}

int agentv_pipe(int *reading, int *writing) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  *reading = ends[0];
  *writing = ends[1];
  return 0;
}
