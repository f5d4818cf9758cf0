// OpenSSL as Limner uses it: digests (EVP) and TLS sessions (SSL). What it offers as macros alone stands here as functions.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

// A key file with a passphrase is refused: the default would ask at the terminal.
static int limner_tls_no_passphrase(char *buffer, int size, int writing, void *context) {
    (void)buffer, (void)size, (void)writing, (void)context;
    return -1;
}

// RFC 7301 §3.2: a client that offers protocols, none of which is http/1.1, is refused.
static int limner_tls_choose_protocol(
    SSL *session, const unsigned char **chosen, unsigned char *length, const unsigned char *offered,
    unsigned int offered_length, void *context) {
    static const unsigned char known[] = "\x08http/1.1";
    unsigned char *match = 0;
    (void)session, (void)context;
    if (SSL_select_next_proto(&match, length, known, sizeof known - 1, offered, offered_length)
        != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}

// A server's context: TLS 1.2 and 1.3, forward secrecy and authenticated encryption only, no renegotiation, no
// compression, tickets instead of a cache of sessions. NULL when a setting is refused.
static inline SSL_CTX *limner_tls_context(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return 0;
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE
            | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_mode(
        context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, limner_tls_no_passphrase);
    SSL_CTX_set_alpn_select_cb(context, limner_tls_choose_protocol, 0);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
        && SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384")
        && SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20"))
        return context;
    SSL_CTX_free(context);
    return 0;
}
