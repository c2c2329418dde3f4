/* "192.0.2.7:502", "[::1]:502", "localhost:502": numeric, so that the loop never waits for names. */
#ifndef ADAPTERD_ADDRESS_H
#define ADAPTERD_ADDRESS_H

#include <hub/status.h>
#include <sys/socket.h>

typedef struct address {
	struct sockaddr_storage to;
	socklen_t len;
} address;

hub_status address_parse(const char *text, address *ret, hub_fault *fault);
void address_text(const address *a, char *out, size_t size);

#endif
