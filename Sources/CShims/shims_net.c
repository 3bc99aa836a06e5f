#define _GNU_SOURCE
#include "shims_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int set_options(int fd, int send_buffer_bytes, unsigned user_timeout_ms) {
  int one = 1;
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one)) return -1;
  // Inherited by accepted sockets: without TCP_NODELAY small events wait for delayed ACKs (40 ms).
  if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one)) return -1;
  if (send_buffer_bytes > 0 &&
      setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes))
    return -1;
  // A peer that vanished without a FIN is given up once sent data stays unacknowledged so long.
  return setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_timeout_ms, sizeof user_timeout_ms);
}

int agentv_listen(const char *host, uint16_t port, int backlog, int send_buffer_bytes,
                  unsigned user_timeout_ms, uint16_t *bound_port) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } address;
  memset(&address, 0, sizeof address);
  socklen_t length;
  if (inet_pton(AF_INET, host, &address.v4.sin_addr) == 1) {
    address.v4.sin_family = AF_INET;
    address.v4.sin_port = htons(port);
    length = sizeof address.v4;
  } else if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) == 1) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    length = sizeof address.v6;
  } else {
    errno = EINVAL;
    return -1;
  }
  int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  if (set_options(fd, send_buffer_bytes, user_timeout_ms) || bind(fd, &address.any, length) ||
      listen(fd, backlog) || getsockname(fd, &address.any, &length)) {
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
  }
  *bound_port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port
                                                      : address.v6.sin6_port);
  return fd;
}

int agentv_send_datagram(const char *address, const char *text) {
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  size_t length = strlen(address);
  if ((address[0] != '/' && address[0] != '@') || length < 2 || length > sizeof to.sun_path)
    return EINVAL;
  memcpy(to.sun_path, address, length);
  if (address[0] == '@') {
    to.sun_path[0] = 0;  // unix(7): an abstract name ends where the address does, without a NUL
  } else if (length == sizeof to.sun_path) {
    return EINVAL;
  } else {
    length++;
  }
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  ssize_t sent;
  do {
    sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&to,
                  (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length));
  } while (sent < 0 && errno == EINTR);
  int failure = sent < 0 ? errno : 0;
  close(fd);
  return failure;
}
