#pragma once
// libevent's OpenSSL layer, loaded when a server is given a certificate. C because its interface is
// macros and out-parameters, and because nothing may link it: a Studio that speaks plain HTTP shall
// load neither OpenSSL nor its megabytes.

#include <stddef.h>
#include <stdint.h>

struct bufferevent;
struct event_base;

// Loads a library, such as "libevent_openssl-2.1.so.7", and OpenSSL with it. NULL when it is there,
// else the reason. May be called from any thread, but not from two at the same time. It stays.
const char *_Nullable agentv_tls_load(const char *_Nonnull library);

// The OpenSSL that was loaded, such as "OpenSSL 3.0.19 ...".
const char *_Nonnull agentv_tls_version(void);

enum agentv_tls_failure {
  AGENTV_TLS_OK,
  AGENTV_TLS_SYSTEM,        // OpenSSL could not be set up
  AGENTV_TLS_CERTIFICATE,   // no certificate in PEM form, or one that OpenSSL refuses
  AGENTV_TLS_KEY,           // no private key in PEM form
  AGENTV_TLS_KEY_ENCRYPTED, // the private key wants a passphrase
  AGENTV_TLS_MISMATCH,      // the key is not that of the certificate
};

// What a server shows its clients: a chain of certificates and the key of the first.
struct agentv_tls_identity {
  void *_Nullable context; // SSL_CTX; given back with `agentv_tls_release`
  int64_t not_before;      // seconds since 1970
  int64_t not_after;
  enum agentv_tls_failure failure;
  char reason[160];        // what OpenSSL says about a failure
};

// Reads both files, which blocks. TLS 1.2 and 1.3 with forward secrecy only.
void agentv_tls_identity_read(struct agentv_tls_identity *_Nonnull identity,
                              const char *_Nonnull certificate_file, const char *_Nonnull key_file);

// Connections that were made with it keep what they need.
void agentv_tls_release(void *_Nonnull context);

// A bufferevent for an accepted connection, without its socket; frees all when it is freed. NULL
// without memory.
struct bufferevent *_Nullable agentv_tls_accept(struct event_base *_Nonnull base,
                                                void *_Nonnull context);

// Tells the peer that nothing more comes (close_notify), so that it can tell the end from a cut.
void agentv_tls_say_goodbye(struct bufferevent *_Nonnull buffer);

// Whether the handshake failed because the client spoke plain HTTP.
int agentv_tls_met_plain_http(struct bufferevent *_Nonnull buffer);

// Reads what OpenSSL has deciphered and the bufferevent, which was full, did not take.
void agentv_tls_resume_reading(struct bufferevent *_Nonnull buffer);
