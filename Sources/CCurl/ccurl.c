#define _GNU_SOURCE
#include "include/ccurl.h"

#include <curl/curl.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// The functions that are used, by name. `name` must be what curl.h declares.
#define FUNCTIONS(use)                                                                             \
  use(global_init) use(version_info) use(easy_init) use(easy_setopt) use(easy_getinfo)             \
  use(easy_cleanup) use(easy_strerror) use(slist_append) use(slist_free_all) use(multi_init)       \
  use(multi_setopt) use(multi_add_handle) use(multi_remove_handle) use(multi_socket_action)        \
  use(multi_info_read) use(multi_cleanup)

// curl.h checks types with macros of the same names as the functions.
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt

static struct {
#define DECLARE(name) __typeof__(curl_##name) *name;
  FUNCTIONS(DECLARE)
} curl;

static int is_loaded;

const char *agentv_curl_load(const char *library) {
  static char reason[512];
  if (is_loaded) return NULL;
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *text = dlerror();
    snprintf(reason, sizeof reason, "%s", text ? text : "unknown error");
    return reason;
  }
#define RESOLVE(name)                                                                              \
  curl.name = (__typeof__(curl.name))dlsym(handle, "curl_" #name);                                 \
  if (!curl.name) {                                                                                \
    snprintf(reason, sizeof reason, "%s has no function curl_" #name, library);                    \
    return reason;                                                                                 \
  }
  FUNCTIONS(RESOLVE)
  CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) {
    snprintf(reason, sizeof reason, "%s", curl.easy_strerror(code));
    return reason;
  }
  is_loaded = 1;
  return NULL;
}

const char *agentv_curl_version(void) {
  return is_loaded ? curl.version_info(CURLVERSION_NOW)->version : "";
}

// MARK: The loop

struct multi {
  CURLM *handle;
  struct agentv_curl_loop loop;
};

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *unused) {
  (void)easy, (void)unused;
  struct multi *multi = context;
  int events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= AGENTV_CURL_READ;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= AGENTV_CURL_WRITE;
  multi->loop.watch(multi->loop.context, socket, events);
  return 0;
}

static int on_timer(CURLM *handle, long milliseconds, void *context) {
  (void)handle;
  struct multi *multi = context;
  multi->loop.timer(multi->loop.context, milliseconds);
  return 0;
}

void *agentv_curl_multi(const struct agentv_curl_loop *loop, long kept_connections) {
  struct multi *multi = calloc(1, sizeof *multi);
  if (!multi) return NULL;
  multi->handle = curl.multi_init();
  if (!multi->handle) {
    free(multi);
    return NULL;
  }
  multi->loop = *loop;
  curl.multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl.multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi);
  curl.multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, on_timer);
  curl.multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi);
  curl.multi_setopt(multi->handle, CURLMOPT_MAXCONNECTS, kept_connections);
  return multi;
}

void agentv_curl_act(void *context, int socket, int events) {
  struct multi *multi = context;
  int running = 0;
  int mask = 0;
  if (events & AGENTV_CURL_READ) mask |= CURL_CSELECT_IN;
  if (events & AGENTV_CURL_WRITE) mask |= CURL_CSELECT_OUT;
  if (events & AGENTV_CURL_ERROR) mask |= CURL_CSELECT_ERR;
  curl.multi_socket_action(
    multi->handle, socket < 0 ? CURL_SOCKET_TIMEOUT : socket, mask, &running);
}

// MARK: Transfers

struct transfer {
  CURL *easy;
  struct curl_slist *headers;
  int (*header)(void *, const uint8_t *, size_t);
  int (*data)(void *, const uint8_t *, size_t);
  void *context;
  CURLcode code;
  char reason[CURL_ERROR_SIZE];
};

// libcurl 7.88 opens its sockets without O_CLOEXEC.
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address) {
  (void)context, (void)purpose;
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t on_header(char *bytes, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  return transfer->header(transfer->context, (const uint8_t *)bytes, size * count) ? size * count : 0;
}

static size_t on_data(char *bytes, size_t size, size_t count, void *context) {
  struct transfer *transfer = context;
  if (size * count == 0) return 0;
  return transfer->data(transfer->context, (const uint8_t *)bytes, size * count) ? size * count : 0;
}

static enum agentv_curl_failure failure_of(CURLcode code) {
  switch (code) {
    case CURLE_OK: return AGENTV_CURL_OK;
    case CURLE_COULDNT_RESOLVE_HOST: return AGENTV_CURL_RESOLVE;
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED: return AGENTV_CURL_CONNECT;
    case CURLE_OPERATION_TIMEDOUT: return AGENTV_CURL_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return AGENTV_CURL_TLS;
    case CURLE_SSL_CACERT_BADFILE: return AGENTV_CURL_CA_FILE;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY: return AGENTV_CURL_PROXY;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_SEND_FAIL_REWIND:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return AGENTV_CURL_BROKEN;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_TOO_MANY_REDIRECTS: return AGENTV_CURL_GARBAGE;
    case CURLE_URL_MALFORMAT: return AGENTV_CURL_URL;
    case CURLE_WRITE_ERROR: return AGENTV_CURL_REFUSED;
    default: return AGENTV_CURL_OTHER;
  }
}

static void release(struct transfer *transfer) {
  if (transfer->easy) curl.easy_cleanup(transfer->easy);
  curl.slist_free_all(transfer->headers);
  free(transfer);
}

// Certificate authorities. Without libcurl's default directory a bundle is parsed once for all
// connections (CURLOPT_CA_CACHE_TIMEOUT(3)) and not on the loop for each of them.
static void trust(CURL *easy, const struct agentv_curl_request *request) {
  if (request->ca_file || request->ca_directory) {
    curl.easy_setopt(easy, CURLOPT_CAINFO, request->ca_file);
    curl.easy_setopt(easy, CURLOPT_CAPATH, request->ca_directory);
    return;
  }
#if LIBCURL_VERSION_NUM >= 0x075400
  const char *bundle = NULL;
  curl.easy_getinfo(easy, CURLINFO_CAINFO, &bundle);
  if (bundle && access(bundle, R_OK) == 0) curl.easy_setopt(easy, CURLOPT_CAPATH, NULL);
#endif
}

static int set_up(struct transfer *transfer, const struct agentv_curl_request *request) {
  CURL *easy = transfer->easy;
  curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer->reason);
  curl.easy_setopt(easy, CURLOPT_PRIVATE, transfer);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl.easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl.easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
  curl.easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
#if LIBCURL_VERSION_NUM >= 0x075700
  // A transfer that is given back while its host name is looked up must not wait for the resolver.
  curl.easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
#endif
  curl.easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
  curl.easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  trust(easy, request);
  curl.easy_setopt(easy, CURLOPT_PROXY, request->proxy);
  curl.easy_setopt(easy, CURLOPT_NOPROXY, request->no_proxy);
  curl.easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl.easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl.easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  if (request->connect_milliseconds > 0)
    curl.easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, request->connect_milliseconds);
  curl.easy_setopt(easy, CURLOPT_FOLLOWLOCATION, request->redirects > 0 ? 1L : 0L);
  curl.easy_setopt(easy, CURLOPT_MAXREDIRS, request->redirects);
  curl.easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl.easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
  curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
  curl.easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
  if (request->body) {
    // The size first: COPYPOSTFIELDS reads it.
    curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_bytes);
    if (curl.easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request->body) != CURLE_OK) return 0;
  }
  if (strcmp(request->method, "HEAD") == 0) curl.easy_setopt(easy, CURLOPT_NOBODY, 1L);
  else if (strcmp(request->method, "GET") != 0 || request->body)
    curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
  for (const char *const *header = request->headers; *header; header++) {
    struct curl_slist *list = curl.slist_append(transfer->headers, *header);
    if (!list) return 0;
    transfer->headers = list;
  }
  curl.easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
  return curl.easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK;
}

void *agentv_curl_begin(void *context, const struct agentv_curl_request *request,
                        enum agentv_curl_failure *failure) {
  struct multi *multi = context;
  *failure = AGENTV_CURL_OTHER;
  struct transfer *transfer = calloc(1, sizeof *transfer);
  if (!transfer) return NULL;
  transfer->header = request->header;
  transfer->data = request->data;
  transfer->context = request->context;
  transfer->easy = curl.easy_init();
  if (!transfer->easy || !set_up(transfer, request)) {
    release(transfer);
    return NULL;
  }
  if (curl.multi_add_handle(multi->handle, transfer->easy) != CURLM_OK) {
    release(transfer);
    return NULL;
  }
  *failure = AGENTV_CURL_OK;
  return transfer;
}

void *agentv_curl_ended(void *context, enum agentv_curl_failure *failure) {
  struct multi *multi = context;
  int left = 0;
  for (CURLMsg *message; (message = curl.multi_info_read(multi->handle, &left));) {
    if (message->msg != CURLMSG_DONE) continue;
    struct transfer *transfer = NULL;
    curl.easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    if (!transfer) continue;
    transfer->code = message->data.result;
    *failure = failure_of(transfer->code);
    return transfer->context;
  }
  return NULL;
}

const char *agentv_curl_reason(void *context) {
  struct transfer *transfer = context;
  return transfer->reason[0] ? transfer->reason : curl.easy_strerror(transfer->code);
}

int64_t agentv_curl_moved(void *context) {
  struct transfer *transfer = context;
  curl_off_t up = 0, down = 0;
  long header = 0;
  curl.easy_getinfo(transfer->easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl.easy_getinfo(transfer->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  curl.easy_getinfo(transfer->easy, CURLINFO_HEADER_SIZE, &header);
  return up + down + header;
}

void agentv_curl_end(void *context, void *ended) {
  struct multi *multi = context;
  struct transfer *transfer = ended;
  curl.multi_remove_handle(multi->handle, transfer->easy);
  release(transfer);
}
