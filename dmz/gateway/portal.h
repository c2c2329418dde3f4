/*
 * The portal's files: part of the program, served at the public port alone. Nobody needs to be known to get
 * them; what they show comes from the core by the caller's session. Pure.
 */
#ifndef GATEWAY_PORTAL_H
#define GATEWAY_PORTAL_H

#include "base/arena.h"
#include "wire/call.h"

/* Whether there is a file at this path, "/" being index.html. */
bool portal_has(const char *path);

/*
 * The file at this path. accept_encoding, if_none_match: the headers as they came, ""
 * if none: gzip where it is taken, 304 where the client has this version. HUB_MISSING: there is no such file.
 */
hub_status portal_reply(const char *path, const char *accept_encoding, const char *if_none_match, arena *a,
			wire_reply *ret);

#endif
