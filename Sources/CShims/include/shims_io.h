#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <unistd.h>

// eventfd(2) is not in Swift's Glibc overlay. Close-on-exec and non-blocking; -1 and errno on failure.
static inline int agentv_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// Adds one to an eventfd. Only a full counter (2^64 - 2) can refuse it, and then the wake-up is pending.
static inline void agentv_eventfd_signal(int fd) {
  uint64_t one = 1;
  while (write(fd, &one, sizeof one) < 0 && errno == EINTR) {}
}

// Takes the count, so that the descriptor is no longer readable.
static inline void agentv_eventfd_clear(int fd) {
  uint64_t count;
  while (read(fd, &count, sizeof count) < 0 && errno == EINTR) {}
}

// inotify_init1(2); Swift sees its two flags with different types. -1 and errno on failure.
static inline int agentv_inotify(void) { return inotify_init1(IN_CLOEXEC | IN_NONBLOCK); }

// Names the calling thread (at most 15 bytes) for ps and debuggers; prctl(2) is variadic.
static inline void agentv_name_thread(const char *_Nonnull name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
