#include "address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hub_status address_parse(const char *text, const char *option, struct sockaddr_storage *ret, hub_fault *fault)
{
	char host[64] = "";
	const char *colon = strrchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : 0;
	char *end = NULL;
	long port = colon ? strtol(colon + 1, &end, 10) : -1;
	bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
	if (n && n < sizeof host)
		snprintf(host, sizeof host, "%.*s", (int)(n - 2 * brackets), text + brackets);
	if (host[0] && end > colon + 1 && !*end && port >= 0 && port <= 65535 &&
	    (uv_ip4_addr(host, (int)port, (struct sockaddr_in *)ret) == 0 ||
	     uv_ip6_addr(host, (int)port, (struct sockaddr_in6 *)ret) == 0))
		return HUB_OK;
	return hub_fault_set(fault, "gateway.listen", option, "'%.64s' is not ADDRESS:PORT", text);
}

void address_of(const uv_tcp_t *tcp, char ret[LIMIT_KEY])
{
	struct sockaddr_storage from;
	int len = sizeof from;
	char text[64] = "";
	if (uv_tcp_getpeername(tcp, (struct sockaddr *)&from, &len) == 0)
		uv_ip_name((struct sockaddr *)&from, text, sizeof text);
	limit_key(text, ret);
}
