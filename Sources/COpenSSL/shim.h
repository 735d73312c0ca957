// Digests of OpenSSL's libcrypto, which libcurl brings into the process anyway: SHA-256 (FIPS 180-4) and HMAC (RFC 2104).
#pragma once
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

// The SHA-256 of bytes, 32 of them; 0 where the library cannot make it.
static inline int nasd_sha256(const void *bytes, size_t count, unsigned char *digest) {
    return EVP_Digest(bytes, count, digest, NULL, EVP_sha256(), NULL);
}

// The HMAC-SHA256 of bytes under a key, 32 of them; 0 where the library cannot make it.
static inline int nasd_hmac_sha256(
    const void *key, size_t key_count, const unsigned char *bytes, size_t count, unsigned char *code) {
    return HMAC(EVP_sha256(), key, (int)key_count, bytes, count, code, NULL) != NULL;
}
