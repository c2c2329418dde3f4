/* The file of the core's signing keys: a JWKS with private parts, 0600. */
#ifndef IDENTITY_KEYFILE_H
#define IDENTITY_KEYFILE_H

#include "identity/jwt.h"

/*
 * Reads the file, or makes it with one new key; of several processes that make it at once one wins
 * and all read its. HUB_REJECT: not a key set that can sign, or open to others; HUB_FAILED: it cannot
 * be read or made.
 */
hub_status keyfile_open(const char *path, jwt_keys **ret, hub_fault *fault);

#endif
