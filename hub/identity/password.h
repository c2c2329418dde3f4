/*
 * Passwords by argon2id (RFC 9106, second recommended choice: 64 MiB, 3 passes), kept as the PHC
 * string that names its own parameters, so that they can be raised later.
 */
#ifndef IDENTITY_PASSWORD_H
#define IDENTITY_PASSWORD_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>

enum { PASSWORD_MIN = 10, PASSWORD_MAX = 128, PASSWORD_HASH = 160 };

/* HUB_REJECT with *fault: shorter than 10 or longer than 128 bytes, or not UTF-8 text. */
hub_status password_hash(const char *password, size_t len, char ret_hash[PASSWORD_HASH], hub_fault *fault);
/* HUB_OK, HUB_DENIED, HUB_REJECT (not a hash of ours). Takes as long for a wrong one. */
hub_status password_verify(const char *hash, const char *password, size_t len);
/* Whether the hash was made with weaker parameters than today's: hash again after a good login. */
bool password_is_old(const char *hash);

#endif
