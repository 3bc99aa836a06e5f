#pragma once
// libcurl, loaded when it is first used, as far as this project needs it: transfers over a multi
// handle that another event loop drives (libcurl-multi(3), "MULTI_SOCKET"). C because its functions
// are variadic and its options macros, and because nothing may link the library: commands that call
// no model shall not load it and the thirty libraries it needs.

#include <stddef.h>
#include <stdint.h>

// Loads a library, such as "libcurl.so.4", and sets it up. NULL when it is there, else the reason.
// May be called from any thread, but not from two at the same time. Once loaded it stays.
const char *_Nullable agentv_curl_load(const char *_Nonnull library);

// Version of the loaded library, such as "7.88.1".
const char *_Nonnull agentv_curl_version(void);

enum agentv_curl_events { AGENTV_CURL_READ = 1, AGENTV_CURL_WRITE = 2, AGENTV_CURL_ERROR = 4 };

// What the event loop must do for a multi handle. Both come from within calls of this header.
struct agentv_curl_loop {
  // Watch a socket for these events from now on; 0 ends it, before the socket is closed.
  void (*_Nonnull watch)(void *_Nullable context, int socket, int events);
  // Call `agentv_curl_act` with socket -1 after this time; negative: no more.
  void (*_Nonnull timer)(void *_Nullable context, long milliseconds);
  void *_Nullable context;
};

// A multi handle, which keeps connections for reuse. NULL without memory.
void *_Nullable agentv_curl_multi(const struct agentv_curl_loop *_Nonnull loop,
                                  long kept_connections);

// Tells what became of a socket; -1 for the timer. Then finished transfers are to be asked for.
void agentv_curl_act(void *_Nonnull multi, int socket, int events);

// Why a transfer failed.
enum agentv_curl_failure {
  AGENTV_CURL_OK,
  AGENTV_CURL_RESOLVE,
  AGENTV_CURL_CONNECT,
  AGENTV_CURL_TIMEOUT,
  AGENTV_CURL_TLS,
  AGENTV_CURL_CA_FILE,
  AGENTV_CURL_PROXY,
  AGENTV_CURL_BROKEN,
  AGENTV_CURL_GARBAGE,
  AGENTV_CURL_URL,
  AGENTV_CURL_REFUSED, // a callback did not take the bytes
  AGENTV_CURL_OTHER,
};

// What is to be sent. Everything is copied but the context.
struct agentv_curl_request {
  const char *_Nonnull url;
  const char *_Nonnull method;
  const char *_Nullable const *_Nonnull headers; // "Name: value", ended by NULL
  const uint8_t *_Nullable body;                 // NULL for none
  size_t body_bytes;
  long connect_milliseconds;                     // resolving, connecting, TLS; 0 for curl's own
  long redirects;                                // followed at most
  const char *_Nullable ca_file;                 // NULL for the system's
  const char *_Nullable ca_directory;
  const char *_Nonnull proxy;                    // empty for none
  const char *_Nonnull no_proxy;
  // Take bytes of the header (one line each) and of the body: 1, or 0 to end the transfer.
  int (*_Nonnull header)(void *_Nullable context, const uint8_t *_Nonnull bytes, size_t count);
  int (*_Nonnull data)(void *_Nullable context, const uint8_t *_Nonnull bytes, size_t count);
  void *_Nullable context;
};

// Starts a transfer; the callbacks come from later calls of `agentv_curl_act`. NULL with the reason.
void *_Nullable agentv_curl_begin(void *_Nonnull multi,
                                  const struct agentv_curl_request *_Nonnull request,
                                  enum agentv_curl_failure *_Nonnull failure);

// The context of a transfer that has ended, with how; NULL when there is none.
void *_Nullable agentv_curl_ended(void *_Nonnull multi, enum agentv_curl_failure *_Nonnull failure);

// What libcurl says about the failure of a transfer; valid until its end.
const char *_Nonnull agentv_curl_reason(void *_Nonnull transfer);

// Bytes that a transfer has sent and received so far.
int64_t agentv_curl_moved(void *_Nonnull transfer);

// Gives a transfer back, at its end or before; then its connection is closed (or its HTTP/2 stream
// reset). Not from within a callback.
void agentv_curl_end(void *_Nonnull multi, void *_Nonnull transfer);
