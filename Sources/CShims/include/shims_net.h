#pragma once
#include <stdint.h>

// A listening TCP socket, non-blocking and close-on-exec, with the options that accepted sockets
// inherit. C because sockaddr and its lengths are casts all the way. `host` is a numeric address.
// Returns the descriptor and the port in `bound_port`, or -1 and errno: EINVAL for a bad address.
int agentv_listen(const char *_Nonnull host, uint16_t port, int backlog, int send_buffer_bytes,
                  unsigned user_timeout_ms, uint16_t *_Nonnull bound_port);

// Sends one datagram to a Unix socket without waiting: `address` is a path, or `@` and an abstract
// name. Returns 0, or errno: EINVAL for another kind of address, EAGAIN when the receiver's queue is full.
int agentv_send_datagram(const char *_Nonnull address, const char *_Nonnull text);
