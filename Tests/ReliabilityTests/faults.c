// Faults in the system calls of chosen agentv processes: loaded by LD_PRELOAD, told what to do by the
// file that AGENTV_FAULTS names (see faults.py, which writes it). Every process reads it at its start;
// one whose first argument is not among `roles` only passes calls on.
//
// Calls are counted in a file that all processes map, so that the tests see how many there are and
// can let a process die at each of them.

#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct counters {
  _Atomic uint64_t calls;   // counted calls of all processes
  _Atomic uint64_t faults;  // faults that happened
  _Atomic uint64_t paused;  // not 0: nothing is counted and nothing happens
};

enum fault { NONE, KILL, TORN, ERROR, SHORT, SLOW, CLOCK, STORM };

static struct {
  enum fault fault;
  char calls[512];    // " write fsync "; empty: every counted call
  char path[256];     // only calls on files whose path holds this; empty: all
  uint64_t at;        // the first call that is hit, from 1
  uint64_t count;     // how many are hit; 0: all from then on
  uint64_t every;     // of those only each n-th
  int error;          // errno
  long micros;        // delay, or interval of a storm
  long step;          // seconds that the clock is moved
  int regular;        // writes are hit on regular files only
  char kill[16];      // who dies: self; run (the guard and the holder too); all (the Studio too)
} plan;

static struct counters local;
static struct counters *counters = &local;
static int active;

#define REAL(name) \
  static __typeof__(name) *real; \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static long read_whole(const char *path, char *text, size_t size) {
  int file = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (file < 0) return -1;
  long length = syscall(SYS_read, file, text, size - 1);
  syscall(SYS_close, file);
  if (length < 0) length = 0;
  text[length] = 0;
  return length;
}

static void copy_word(char *target, size_t size, const char *value) {
  snprintf(target, size, "%s", value);
}

static int is_agentv(pid_t pid) {
  char path[64], name[64] = "";
  snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
  return read_whole(path, name, sizeof name) > 0 && strstr(name, "agentv") != NULL;
}

static pid_t parent_of(pid_t pid) {
  char path[64], text[512] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  if (read_whole(path, text, sizeof text) < 0) return 0;
  char *after = strrchr(text, ')');
  int parent = 0;
  if (after) sscanf(after + 1, " %*c %d", &parent);
  return parent;
}

static void read_command(pid_t pid, char *text, size_t size) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/cmdline", (int)pid);
  memset(text, 0, size);
  read_whole(path, text, size);
}

static int is_studio(pid_t pid) {
  char command[1024];
  read_command(pid, command, sizeof command);
  return strcmp(command + strnlen(command, sizeof command - 8) + 1, "studio") == 0;
}

static void die(void) {
  atomic_fetch_add(&counters->faults, 1);
  pid_t self = getpid();
  if (plan.kill[0] && strcmp(plan.kill, "self")) {
    int studio_too = !strcmp(plan.kill, "all");
    // The guard first: it is there to do what nobody is to do now.
    DIR *processes = opendir("/proc");
    struct dirent *entry;
    while (processes && (entry = readdir(processes))) {
      pid_t pid = atoi(entry->d_name);
      if (pid > 0 && parent_of(pid) == self && is_agentv(pid)) kill(pid, SIGKILL);
    }
    pid_t above[16];
    int count = 0;
    for (pid_t pid = getppid(); count < 16 && pid > 1 && is_agentv(pid); pid = parent_of(pid))
      if (studio_too || !is_studio(pid)) above[count++] = pid;
    while (count) kill(above[--count], SIGKILL);
  }
  kill(self, SIGKILL);
  for (;;) pause();
}

static int names_call(const char *call) {
  if (!plan.calls[0]) return 1;
  char word[64];
  snprintf(word, sizeof word, " %s ", call);
  return strstr(plan.calls, word) != NULL;
}

// Whether this call is hit; counts it when it is one of those that are meant.
static int hit(const char *call, int descriptor, const char *path) {
  if (!active || atomic_load(&counters->paused) || !names_call(call)) return 0;
  struct stat status;
  if (plan.regular && !strcmp(call, "write"))
    if (fstat(descriptor, &status) || !S_ISREG(status.st_mode)) return 0;
  if (plan.path[0]) {
    char link[64], target[1024];
    if (!path && descriptor >= 0) {
      snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
      ssize_t length = readlink(link, target, sizeof target - 1);
      target[length < 0 ? 0 : length] = 0;
      path = target;
    }
    if (!path || !strstr(path, plan.path)) return 0;
  }
  uint64_t number = atomic_fetch_add(&counters->calls, 1) + 1;
  if (!plan.at || number < plan.at) return 0;
  uint64_t since = number - plan.at;
  if (plan.count && since >= plan.count) return 0;
  return plan.every < 2 || since % plan.every == 0;
}

// What happens before a call: 0 go on, -1 fail with errno.
static int before(const char *call, int descriptor, const char *path) {
  int saved = errno;
  if (!hit(call, descriptor, path)) {
    errno = saved;
    return 0;
  }
  switch (plan.fault) {
    case KILL: die(); break;
    case ERROR:
      atomic_fetch_add(&counters->faults, 1);
      errno = plan.error;
      return -1;
    case SLOW:
      atomic_fetch_add(&counters->faults, 1);
      usleep((useconds_t)plan.micros);
      break;
    default: break;
  }
  errno = saved;
  return 0;
}

static struct timespec stepped(struct timespec value) {
  // Forth and back again: every second call of the hit ones is in the other time.
  atomic_fetch_add(&counters->faults, 1);
  value.tv_sec += (atomic_load(&counters->faults) / 2) % 2 ? plan.step : -plan.step;
  return value;
}

// MARK: - Calls that change files

ssize_t write(int descriptor, const void *bytes, size_t count) {
  REAL(write);
  if (active && (plan.fault == TORN || plan.fault == SHORT)) {
    if (count > 1 && hit("write", descriptor, NULL)) {
      ssize_t written = real(descriptor, bytes, plan.fault == TORN ? count / 2 : 1 + count / 3);
      if (plan.fault == TORN) die();
      atomic_fetch_add(&counters->faults, 1);
      return written;
    }
    return real(descriptor, bytes, count);
  }
  if (before("write", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count);
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  REAL(pwrite);
  if (before("pwrite", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  REAL(pwrite64);
  if (before("pwrite", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count, offset);
}

ssize_t send(int descriptor, const void *bytes, size_t count, int flags) {
  REAL(send);
  if (before("send", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count, flags);
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  REAL(writev);
  if (before("send", descriptor, NULL)) return -1;
  return real(descriptor, parts, count);
}

int fsync(int descriptor) {
  REAL(fsync);
  return before("fsync", descriptor, NULL) ? -1 : real(descriptor);
}

int fdatasync(int descriptor) {
  REAL(fdatasync);
  return before("fdatasync", descriptor, NULL) ? -1 : real(descriptor);
}

int ftruncate(int descriptor, off_t size) {
  REAL(ftruncate);
  return before("ftruncate", descriptor, NULL) ? -1 : real(descriptor, size);
}
int ftruncate64(int descriptor, off64_t size) {
  REAL(ftruncate64);
  return before("ftruncate", descriptor, NULL) ? -1 : real(descriptor, size);
}

int rename(const char *old, const char *new) {
  REAL(rename);
  return before("rename", -1, new) ? -1 : real(old, new);
}

int unlink(const char *path) {
  REAL(unlink);
  return before("unlink", -1, path) ? -1 : real(path);
}

int mkdir(const char *path, mode_t mode) {
  REAL(mkdir);
  return before("mkdir", -1, path) ? -1 : real(path, mode);
}

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (before(flags & (O_WRONLY | O_RDWR | O_CREAT) ? "create" : "open", -1, path)) return -1; \
    return real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
  int name(int directory, const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (before(flags & (O_WRONLY | O_RDWR | O_CREAT) ? "create" : "open", -1, path)) return -1; \
    return real(directory, path, flags, mode); \
  }
OPENAT(openat)
OPENAT(openat64)

// MARK: - Calls that read and wait

ssize_t read(int descriptor, void *bytes, size_t count) {
  REAL(read);
  if (plan.fault == ERROR && before("read", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count);
}
ssize_t pread(int descriptor, void *bytes, size_t count, off_t offset) {
  REAL(pread);
  if (plan.fault == ERROR && before("read", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count, offset);
}
ssize_t pread64(int descriptor, void *bytes, size_t count, off64_t offset) {
  REAL(pread64);
  if (plan.fault == ERROR && before("read", descriptor, NULL)) return -1;
  return real(descriptor, bytes, count, offset);
}
int waitid(idtype_t type, id_t id, siginfo_t *info, int options) {
  REAL(waitid);
  if (plan.fault == ERROR && before("wait", -1, NULL)) return -1;
  return real(type, id, info, options);
}
pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage) {
  REAL(wait4);
  if (plan.fault == ERROR && before("wait", -1, NULL)) return -1;
  return real(pid, status, options, usage);
}
int poll(struct pollfd *entries, nfds_t count, int timeout) {
  REAL(poll);
  if (plan.fault == ERROR && before("poll", -1, NULL)) return -1;
  return real(entries, count, timeout);
}
int epoll_wait(int descriptor, struct epoll_event *events, int count, int timeout) {
  REAL(epoll_wait);
  if (plan.fault == ERROR && before("poll", -1, NULL)) return -1;
  return real(descriptor, events, count, timeout);
}
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags) {
  REAL(accept4);
  if (plan.fault == ERROR && before("accept", -1, NULL)) return -1;
  return real(descriptor, address, length, flags);
}

// MARK: - Processes and the clock

int posix_spawn(
    pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
    const posix_spawnattr_t *attributes, char *const arguments[], char *const environment[]) {
  REAL(posix_spawn);
  if (before("spawn", -1, path)) return errno;
  return real(pid, path, actions, attributes, arguments, environment);
}

int clock_gettime(clockid_t clock, struct timespec *value) {
  REAL(clock_gettime);
  int result = real(clock, value);
  if (active && plan.fault == CLOCK && clock == CLOCK_REALTIME && hit("clock", -1, NULL))
    *value = stepped(*value);
  return result;
}

// MARK: - Setting up

static void interrupt(int number) {
  (void)number;
  atomic_fetch_add(&counters->faults, 1);
}

// A signal every few microseconds to whichever thread the kernel picks, without SA_RESTART.
static void begin_storm(void) {
  struct sigaction action = {.sa_handler = interrupt};
  sigaction(SIGUSR2, &action, NULL);
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0) return;
  struct itimerspec interval = {
    .it_interval = {plan.micros / 1000000, plan.micros % 1000000 * 1000},
    .it_value = {plan.micros / 1000000, plan.micros % 1000000 * 1000}};
  timer_settime(timer, 0, &interval, NULL);
}

static enum fault fault_named(const char *name) {
  static const char *names[] = {
    "none", "kill", "torn", "error", "short", "slow", "clock", "storm"};
  for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
    if (!strcmp(names[i], name)) return (enum fault)i;
  return NONE;
}

__attribute__((constructor)) static void set_up(void) {
  const char *file = getenv("AGENTV_FAULTS");
  if (!file || !is_agentv(getpid())) return;
  char text[4096], command[4096], roles[256] = "";
  if (read_whole(file, text, sizeof text) <= 0) return;
  long length = read_whole("/proc/self/cmdline", command, sizeof command);
  size_t first = strnlen(command, sizeof command) + 1;
  const char *role = length > (long)first ? command + first : "";
  for (char *rest = text, *line; (line = strsep(&rest, "\n"));) {
    char *value = strchr(line, '=');
    if (!value) continue;
    *value++ = 0;
    if (!strcmp(line, "roles")) copy_word(roles, sizeof roles, value);
    if (!strcmp(line, "fault")) plan.fault = fault_named(value);
    if (!strcmp(line, "calls")) copy_word(plan.calls, sizeof plan.calls, value);
    if (!strcmp(line, "path")) copy_word(plan.path, sizeof plan.path, value);
    if (!strcmp(line, "kill")) copy_word(plan.kill, sizeof plan.kill, value);
    if (!strcmp(line, "at")) plan.at = strtoull(value, NULL, 10);
    if (!strcmp(line, "count")) plan.count = strtoull(value, NULL, 10);
    if (!strcmp(line, "every")) plan.every = strtoull(value, NULL, 10);
    if (!strcmp(line, "error")) plan.error = atoi(value);
    if (!strcmp(line, "regular")) plan.regular = atoi(value);
    if (!strcmp(line, "micros")) plan.micros = atol(value);
    if (!strcmp(line, "step")) plan.step = atol(value);
    if (!strcmp(line, "counters")) {
      int shared = (int)syscall(SYS_openat, AT_FDCWD, value, O_RDWR | O_CLOEXEC, 0);
      if (shared >= 0) {
        void *memory = mmap(
            NULL, sizeof *counters, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
        if (memory != MAP_FAILED) counters = memory;
        syscall(SYS_close, shared);
      }
    }
  }
  char word[64];
  snprintf(word, sizeof word, " %s ", role);
  if (!role[0] || !strstr(roles, word)) return;
  active = 1;
  if (plan.fault == STORM) begin_storm();
}
