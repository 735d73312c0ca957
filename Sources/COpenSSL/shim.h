// What nasd uses of OpenSSL, which libcurl brings into the process anyway: SHA-256 (FIPS 180-4) and HMAC (RFC 2104) of libcrypto, and of
// libssl the server's side of TLS.
#pragma once
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>

// The SHA-256 of bytes, 32 of them; 0 where the library cannot make it.
static inline int nasd_sha256(const void *bytes, size_t count, unsigned char *digest) {
    return EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL);
}

// The HMAC-SHA256 of bytes under a key, 32 of them; 0 where the library cannot make it.
static inline int nasd_hmac_sha256(
    const void *key, size_t key_count, const unsigned char *bytes, size_t count, unsigned char *code) {
    return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, code, NULL) != NULL;
}

// Nobody is there to be asked for the password of a key.
static inline int nasd_no_password(char *room, int size, int is_writing, void *user) {
    (void)room, (void)size, (void)is_writing, (void)user;
    return 0;
}

static inline void nasd_note_message(
    int is_ours, int version, int type, const void *bytes, size_t count, SSL *connection, void *messages) {
    (void)version, (void)bytes, (void)count, (void)connection;
    if (!is_ours && type == SSL3_RT_HANDSHAKE) ++*(size_t *)messages;
}

// Counts the messages of the peer that are about the connection itself: the handshake, new keys (TLS 1.3), new handshakes, which
// are declined one by one (TLS 1.2).
static inline void nasd_count_handshake_messages(SSL *connection, size_t *messages) {
    SSL_set_msg_callback(connection, nasd_note_message);
    SSL_set_msg_callback_arg(connection, messages);
}

// What all connections of a server have in common, without a certificate yet; NULL where there is no memory. TLS 1.2 and later, of 1.2 only
// suites with forward secrecy and authenticated encryption; no renegotiation, compression, tickets or sessions, which a peer could only make
// the server work with.
static inline SSL_CTX *nasd_tls_server(void) {
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (!context) return NULL;
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_default_passwd_cb(context, nasd_no_password);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1 &&
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1)
        return context;
    SSL_CTX_free(context);
    return NULL;
}
