#define _GNU_SOURCE
#include "include/ctls.h"

#include <dlfcn.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/bufferevent_struct.h>
#include <event2/event.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

// The functions that are used. OpenSSL's are found through the library that needs them.
#define FUNCTIONS(use)                                                                             \
  use(bufferevent_openssl_socket_new) use(bufferevent_openssl_get_ssl)                             \
  use(bufferevent_get_openssl_error) use(TLS_server_method) use(SSL_CTX_new) use(SSL_CTX_free)     \
  use(SSL_CTX_ctrl) use(SSL_CTX_set_options) use(SSL_CTX_set_cipher_list)                          \
  use(SSL_CTX_use_certificate_chain_file) use(SSL_CTX_use_PrivateKey_file)                         \
  use(SSL_CTX_check_private_key) use(SSL_CTX_set_default_passwd_cb)                                \
  use(SSL_CTX_set_default_passwd_cb_userdata) use(SSL_CTX_get0_certificate)                        \
  use(SSL_CTX_set_alpn_select_cb) use(SSL_select_next_proto) use(X509_getm_notBefore)              \
  use(X509_getm_notAfter) use(ASN1_TIME_to_tm) use(SSL_new) use(SSL_free) use(SSL_shutdown)        \
  use(SSL_is_init_finished) use(SSL_pending) use(ERR_clear_error) use(ERR_peek_error)              \
  use(ERR_reason_error_string) use(OpenSSL_version)

static struct {
#define DECLARE(name) __typeof__(name) *name;
  FUNCTIONS(DECLARE)
} tls;

static int is_loaded;

const char *agentv_tls_load(const char *library) {
  static char reason[512];
  if (is_loaded) return NULL;
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *text = dlerror();
    snprintf(reason, sizeof reason, "%s", text ? text : "unknown error");
    return reason;
  }
#define RESOLVE(name)                                                                              \
  tls.name = (__typeof__(tls.name))dlsym(handle, #name);                                           \
  if (!tls.name) {                                                                                 \
    snprintf(reason, sizeof reason, "%s has no function " #name, library);                         \
    return reason;                                                                                 \
  }
  FUNCTIONS(RESOLVE)
  is_loaded = 1;
  return NULL;
}

const char *agentv_tls_version(void) {
  return is_loaded ? tls.OpenSSL_version(OPENSSL_VERSION) : "";
}

// MARK: The identity

// Asked for the passphrase of an encrypted key: there is nobody to give it.
static int no_passphrase(char *buffer, int size, int is_writing, void *context) {
  (void)buffer, (void)size, (void)is_writing;
  *(int *)context = 1;
  return -1;
}

// HTTP/1.1 is all that is spoken here; a client that offers only others is not refused for that.
static int choose_protocol(SSL *ssl, const unsigned char **chosen, unsigned char *count,
                           const unsigned char *offered, unsigned offered_count, void *context) {
  static const unsigned char ours[] = "\x08http/1.1";
  (void)ssl, (void)context;
  return tls.SSL_select_next_proto((unsigned char **)chosen, count, ours, sizeof ours - 1, offered,
                                   offered_count) == OPENSSL_NPN_NEGOTIATED
             ? SSL_TLSEXT_ERR_OK
             : SSL_TLSEXT_ERR_NOACK;
}

static int64_t seconds(const ASN1_TIME *time) {
  struct tm parts;
  return time && tls.ASN1_TIME_to_tm(time, &parts) ? (int64_t)timegm(&parts) : 0;
}

static void fail(struct agentv_tls_identity *identity, enum agentv_tls_failure failure) {
  const char *text = tls.ERR_reason_error_string(tls.ERR_peek_error());
  snprintf(identity->reason, sizeof identity->reason, "%s", text ? text : "");
  identity->failure = failure;
  tls.ERR_clear_error();
}

static enum agentv_tls_failure set_up(SSL_CTX *context) {
  if (!tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, TLS1_2_VERSION, NULL) ||
      !tls.SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20"))
    return AGENTV_TLS_SYSTEM;
  tls.SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection keeps no record buffers; sessions are in the clients' tickets, not here.
  tls.SSL_CTX_ctrl(context, SSL_CTRL_MODE,
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE, NULL);
  tls.SSL_CTX_ctrl(context, SSL_CTRL_SET_SESS_CACHE_MODE, SSL_SESS_CACHE_OFF, NULL);
  tls.SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
  return AGENTV_TLS_OK;
}

static enum agentv_tls_failure read_files(SSL_CTX *context, const char *certificate_file,
                                          const char *key_file) {
  if (tls.SSL_CTX_use_certificate_chain_file(context, certificate_file) != 1)
    return AGENTV_TLS_CERTIFICATE;
  int was_asked = 0;
  tls.SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  tls.SSL_CTX_set_default_passwd_cb_userdata(context, &was_asked);
  int read = tls.SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM);
  tls.SSL_CTX_set_default_passwd_cb_userdata(context, NULL);
  tls.SSL_CTX_set_default_passwd_cb(context, NULL);
  if (was_asked) return AGENTV_TLS_KEY_ENCRYPTED;
  if (read != 1)
    return ERR_GET_LIB(tls.ERR_peek_error()) == ERR_LIB_X509 ? AGENTV_TLS_MISMATCH
                                                             : AGENTV_TLS_KEY;
  return tls.SSL_CTX_check_private_key(context) == 1 ? AGENTV_TLS_OK : AGENTV_TLS_MISMATCH;
}

void agentv_tls_identity_read(struct agentv_tls_identity *identity, const char *certificate_file,
                              const char *key_file) {
  memset(identity, 0, sizeof *identity);
  tls.ERR_clear_error();
  SSL_CTX *context = tls.SSL_CTX_new(tls.TLS_server_method());
  if (!context) return fail(identity, AGENTV_TLS_SYSTEM);
  enum agentv_tls_failure failure = set_up(context);
  if (failure == AGENTV_TLS_OK) failure = read_files(context, certificate_file, key_file);
  if (failure != AGENTV_TLS_OK) {
    fail(identity, failure);
    tls.SSL_CTX_free(context);
    return;
  }
  X509 *certificate = tls.SSL_CTX_get0_certificate(context);
  if (certificate) {
    identity->not_before = seconds(tls.X509_getm_notBefore(certificate));
    identity->not_after = seconds(tls.X509_getm_notAfter(certificate));
  }
  tls.ERR_clear_error();
  identity->context = context;
}

void agentv_tls_release(void *context) { tls.SSL_CTX_free(context); }

// MARK: Connections

struct bufferevent *agentv_tls_accept(struct event_base *base, void *context) {
  SSL *ssl = tls.SSL_new(context);
  if (!ssl) return NULL;
  // It frees `ssl` also when it fails.
  return tls.bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING,
                                            BEV_OPT_CLOSE_ON_FREE);
}

void agentv_tls_say_goodbye(struct bufferevent *buffer) {
  SSL *ssl = tls.bufferevent_openssl_get_ssl(buffer);
  if (!ssl || !tls.SSL_is_init_finished(ssl)) return;
  tls.ERR_clear_error();
  tls.SSL_shutdown(ssl);
  tls.ERR_clear_error();
}

int agentv_tls_met_plain_http(struct bufferevent *buffer) {
  unsigned long error;
  while ((error = tls.bufferevent_get_openssl_error(buffer)))
    if (ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST) return 1;
  return 0;
}

void agentv_tls_resume_reading(struct bufferevent *buffer) {
  SSL *ssl = tls.bufferevent_openssl_get_ssl(buffer);
  if (ssl && tls.SSL_pending(ssl) > 0) event_active(&buffer->ev_read, EV_READ, 0);
}
