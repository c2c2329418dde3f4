/*
 * What is kept of a charging station's password. One that we make has 160 bits and is kept as salted SHA-256
 * ("1$SALT$DIGEST", hex): stretching would only slow a fleet's return. One that somebody chose is stretched:
 * argon2id (RFC 9106; 19 MiB, 2 passes) as a PHC string. docs/decisions/0055
 */
#ifndef IDENTITY_STATION_SECRET_H
#define IDENTITY_STATION_SECRET_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATION_KEY_TEXT = 41, STATION_SECRET = 160 };

/* A new password, 40 hex digits, which stand for the 20 bytes of OCPP's AuthorizationKey; shown once. */
hub_status station_secret_make(char ret_password[STATION_KEY_TEXT], char ret_secret[STATION_SECRET]);
/* Of one that was chosen: 8 to 64 bytes, 40 hex digits stand for 20 bytes. HUB_REJECT with *fault. */
hub_status station_secret_of(const char *password, char ret_secret[STATION_SECRET], hub_fault *fault);
/*
 * Stations send a made one as digits or as bytes; both are taken. *ret_weak: right, but kept as a chosen one is not
 * kept any more: ask station_secret_of for another. HUB_OK, HUB_DENIED, HUB_REJECT (no secret of ours), HUB_NOMEM.
 */
hub_status station_secret_verify(const char *secret, const uint8_t *password, size_t len, bool *ret_weak);

#endif
