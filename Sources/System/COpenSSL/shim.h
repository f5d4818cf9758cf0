// OpenSSL as Limner uses it: digests now (EVP), TLS sessions later (SSL).
#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
