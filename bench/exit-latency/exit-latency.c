/* Exit of a supervised process -> bytes of its terminal event at a subscriber: the driver, the C
 * floor and the child of the benchmark in one file.
 *
 *   exit-latency bench N OTHERS OURS   drives the floor and the program OURS in turn, N exits each,
 *                                      while OTHERS more children of the server stay alive
 *   exit-latency floor OTHERS STAMP    the floor: waitid in a thread -> eventfd -> write
 *   exit-latency child STAMP           sleeps 3 ms, stamps the time into the file, exits 7
 *   exit-latency idle                  sleeps until it is killed
 *
 * Both servers answer GET /events with a stream and POST /run by starting the child; when it has
 * ended, they send an event with "exit_code". The figure is the time from the stamp, the last thing
 * the child does before _exit, until the driver's recv has returned the event.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static volatile uint64_t *map_stamp(const char *path) {
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0 || ftruncate(fd, 4096) != 0) fail(path);
  void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (page == MAP_FAILED) fail("mmap");
  close(fd);
  return page;
}

static pid_t start(char *const argv[], int out) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_addclosefrom_np(&actions, 3);
  pid_t pid;
  int error = posix_spawn(&pid, argv[0], &actions, NULL, argv, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error) {
    errno = error;
    fail(argv[0]);
  }
  return pid;
}

static int child(const char *path) {
  volatile uint64_t *stamp = map_stamp(path);
  usleep(3000); /* the starter has answered and is asleep again */
  *stamp = now_ns();
  _exit(7);
}

/* ------------------------------------------------------------------ floor */

static int wake;
static volatile int exit_code;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *reaper(void *unused) {
  (void)unused;
  for (;;) {
    siginfo_t info;
    info.si_pid = 0;
    if (waitid(P_ALL, 0, &info, WEXITED) != 0) {
      usleep(500);
      continue;
    }
    pthread_mutex_lock(&lock);
    exit_code = info.si_status;
    pthread_mutex_unlock(&lock);
    uint64_t one = 1;
    if (write(wake, &one, 8) != 8) fail("eventfd");
  }
  return NULL;
}

static int floor_server(int others, char *stamp) {
  char *self = "/proc/self/exe";
  for (int i = 0; i < others; i++) start((char *[]){self, "idle", NULL}, -1);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  if (bind(listener, (void *)&address, size) || listen(listener, 16)) fail("listen");
  getsockname(listener, (void *)&address, &size);
  printf("port %d\n", ntohs(address.sin_port));
  fflush(stdout);
  wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pthread_t thread;
  pthread_create(&thread, NULL, reaper, NULL);
  int epoll = epoll_create1(EPOLL_CLOEXEC), subscriber = -1;
  struct epoll_event event = {.events = EPOLLIN, .data.fd = listener};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
  event.data.fd = wake;
  epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event);
  for (;;) {
    if (epoll_wait(epoll, &event, 1, -1) < 1) continue;
    int fd = event.data.fd;
    char buffer[4096];
    if (fd == listener) {
      int peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
      setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      event = (struct epoll_event){.events = EPOLLIN, .data.fd = peer};
      epoll_ctl(epoll, EPOLL_CTL_ADD, peer, &event);
    } else if (fd == wake) {
      uint64_t count;
      if (read(wake, &count, 8) != 8) continue;
      pthread_mutex_lock(&lock);
      int code = exit_code;
      pthread_mutex_unlock(&lock);
      int length = snprintf(
        buffer, sizeof buffer, "event: status\ndata: {\"status\":\"failed\",\"exit_code\":%d}\n\n",
        code);
      if (send(subscriber, buffer, (size_t)length, MSG_NOSIGNAL) < 0) fail("send");
    } else {
      ssize_t got = recv(fd, buffer, sizeof buffer - 1, 0);
      if (got <= 0) {
        close(fd);
        if (fd == subscriber) return 0;
        continue;
      }
      buffer[got] = 0;
      const char *answer = "HTTP/1.1 204 No Content\r\n\r\n";
      if (strncmp(buffer, "GET ", 4) == 0) {
        subscriber = fd;
        answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nevent: snapshot\n\n";
      } else {
        start((char *[]){self, "child", stamp, NULL}, -1);
      }
      if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0) fail("send");
    }
  }
}

/* ----------------------------------------------------------------- driver */

struct server {
  const char *name;
  pid_t pid;
  int events, control, port;
  uint64_t *taken;
};

static int dial(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct sockaddr_in to = {
    .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
    .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (connect(fd, (void *)&to, sizeof to)) fail("connect");
  return fd;
}

/* Reads until `text` has come; returns the time at which it was there. */
static uint64_t await_text(int fd, const char *text) {
  char buffer[65536];
  size_t have = 0;
  for (;;) {
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    if (poll(&entry, 1, 10000) != 1) {
      fprintf(stderr, "nothing within 10 s while waiting for %s\n", text);
      exit(1);
    }
    ssize_t got = recv(fd, buffer + have, sizeof buffer - have - 1, 0);
    uint64_t at = now_ns();
    if (got <= 0) fail("recv");
    have += (size_t)got;
    if (memmem(buffer, have, text, strlen(text))) return at;
    if (have > sizeof buffer / 2) have = 0;
  }
}

static void open_server(struct server *server, char *const argv[]) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC)) fail("pipe");
  server->pid = start(argv, ends[1]);
  close(ends[1]);
  FILE *out = fdopen(ends[0], "r");
  if (!out || fscanf(out, "port %d", &server->port) != 1) {
    fprintf(stderr, "%s did not tell its port\n", argv[0]);
    exit(1);
  }
  server->events = dial(server->port);
  server->control = dial(server->port);
  dprintf(
    server->events, "GET /events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n", server->port);
  await_text(server->events, "event: snapshot");
}

static int compare(const void *left, const void *right) {
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return (a > b) - (a < b);
}

static double percentile(const struct server *server, int count, double part) {
  int index = (int)(part * count);
  return (double)server->taken[index < count ? index : count - 1] / 1000;
}

static int bench(int count, char *others, char *ours) {
  char stamp_path[] = "/tmp/agentv-exit-latency-XXXXXX";
  close(mkstemp(stamp_path));
  volatile uint64_t *stamp = map_stamp(stamp_path);
  struct server servers[2] = {{.name = "C floor"}, {.name = "agentv"}};
  open_server(&servers[0], (char *[]){"/proc/self/exe", "floor", others, stamp_path, NULL});
  open_server(&servers[1], (char *[]){ours, others, "/proc/self/exe", stamp_path, NULL});
  for (int s = 0; s < 2; s++) servers[s].taken = calloc((size_t)count, 8);
  const int warm_up = 20;
  for (int i = -warm_up; i < count; i++)
    for (int turn = 0; turn < 2; turn++) {
      struct server *server = &servers[(turn + i) & 1];
      *stamp = 0;
      dprintf(
        server->control, "POST /run HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 0\r\n\r\n",
        server->port);
      await_text(server->control, "HTTP/1.1 20");
      uint64_t at = await_text(server->events, "\"exit_code\":7");
      if (i >= 0) server->taken[i] = at - *stamp;
    }
  printf("%d exits each, in turn, %s other children alive\n", count, others);
  printf("%-10s %10s %10s %10s %10s\n", "", "p50 us", "p90 us", "p99 us", "max us");
  for (int s = 0; s < 2; s++) {
    struct server *server = &servers[s];
    qsort(server->taken, (size_t)count, 8, compare);
    printf(
      "%-10s %10.0f %10.0f %10.0f %10.0f\n", server->name, percentile(server, count, 0.5),
      percentile(server, count, 0.9), percentile(server, count, 0.99),
      percentile(server, count, 1));
  }
  printf(
    "%-10s %10.2f %10.2f %10.2f\n", "ratio",
    percentile(&servers[1], count, 0.5) / percentile(&servers[0], count, 0.5),
    percentile(&servers[1], count, 0.9) / percentile(&servers[0], count, 0.9),
    percentile(&servers[1], count, 0.99) / percentile(&servers[0], count, 0.99));
  for (int s = 0; s < 2; s++) {
    kill(servers[s].pid, SIGTERM);
    waitpid(servers[s].pid, NULL, 0);
  }
  unlink(stamp_path);
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 5 && !strcmp(argv[1], "bench")) return bench(atoi(argv[2]), argv[3], argv[4]);
  /* Whatever happens to the driver, nothing of this is left running. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (argc == 4 && !strcmp(argv[1], "floor")) return floor_server(atoi(argv[2]), argv[3]);
  if (argc == 3 && !strcmp(argv[1], "child")) return child(argv[2]);
  if (argc == 2 && !strcmp(argv[1], "idle")) return pause();
  fprintf(stderr, "usage: exit-latency bench N OTHERS OURS\n");
  return 64;
}
