#include "address.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

hub_status address_parse(const char *text, address *ret, hub_fault *fault)
{
	char host[64];
	const char *colon = strrchr(text, ':');
	bool bracket = text[0] == '[';
	size_t len = colon ? (size_t)(colon - text) : 0;
	struct addrinfo *found = NULL;
	if (bracket && len >= 2 && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (colon && len < sizeof host) {
		snprintf(host, sizeof host, "%.*s", (int)len, text);
		struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM };
		getaddrinfo(strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, colon + 1, &hints, &found);
	}
	if (!found)
		return hub_fault_set(fault, "transport.address", "transport",
				     "an address is written as numbers, 192.0.2.7:502 or [2001:db8::7]:502; got '%.80s'",
				     text);
	memcpy(&ret->to, found->ai_addr, found->ai_addrlen);
	ret->len = found->ai_addrlen;
	freeaddrinfo(found);
	return HUB_OK;
}

void address_text(const address *a, char *out, size_t size)
{
	char host[64], port[16];
	if (getnameinfo((const struct sockaddr *)&a->to, a->len, host, sizeof host, port, sizeof port,
			NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		snprintf(out, size, "unknown");
	else
		snprintf(out, size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}
