/* Where is listened, and who comes. */
#ifndef GATEWAY_ADDRESS_H
#define GATEWAY_ADDRESS_H

#include <uv.h>

#include "limit.h"

#include <hub/status.h>

/* "127.0.0.1:8443", "[::1]:8443". HUB_REJECT: neither; option: where it was set. */
hub_status address_parse(const char *text, const char *option, struct sockaddr_storage *ret, hub_fault *fault);
/* The other end's, as limits count it. */
void address_of(const uv_tcp_t *tcp, char ret[LIMIT_KEY]);

#endif
