/* One cookie of a Cookie header (RFC 6265, 4.2). Pure. */
#ifndef GATEWAY_COOKIE_H
#define GATEWAY_COOKIE_H

#include <stdbool.h>
#include <stddef.h>

/* The first value of this name, borrowed from the header. False: there is none. */
bool cookie_find(const char *header, const char *name, const char **ret, size_t *ret_len);

#endif
