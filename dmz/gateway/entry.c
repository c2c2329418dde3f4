#include "entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The host's part into `host`, the port as result. -1: not ADDRESS:PORT. */
static int split(const char *listen, char *host, size_t size)
{
	const char *colon = strrchr(listen, ':');
	size_t n = colon ? (size_t)(colon - listen) : 0;
	char *end;
	long port = colon ? strtol(colon + 1, &end, 10) : 0;
	if (n == 0 || n >= size || *end || end == colon + 1 || port < 0 || port > 65535)
		return -1;
	bool brackets = listen[0] == '[' && n > 2 && listen[n - 1] == ']';
	memcpy(host, listen + brackets, n - 2 * brackets);
	host[n - 2 * brackets] = 0;
	return (int)port;
}

hub_status entry_open(entry *l, struct lws_context *context, const struct lws_protocols *protocols, int64_t header_time,
		      hub_fault *fault)
{
	char host[64];
	int port = l->address ? split(l->address, host, sizeof host) : CONTEXT_PORT_NO_LISTEN_SERVER;
	if (port < 0 && l->address)
		return hub_fault_set(fault, "gateway.listen", l->option, "'%.64s' is not ADDRESS:PORT", l->address);
	const struct lws_context_creation_info info = {
		.port = port,
		.iface = l->address ? host : NULL,
		.vhost_name = l->option,
		.protocols = protocols,
		.user = l,
		.timeout_secs = (unsigned)(header_time / 1000000) + 1,
		.keepalive_timeout = (int)(header_time / 1000000) + 1,
		.server_string = "hub",
		.options = LWS_SERVER_OPTION_FAIL_UPON_UNABLE_TO_BIND | LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME,
	};
	l->vhost = lws_create_vhost(context, &info);
	if (l->vhost)
		return HUB_OK;
	hub_fault_set(fault, "gateway.listen", l->option, "cannot listen at %.64s; is another program there?",
		      l->address ? l->address : "");
	return HUB_FAILED;
}

entry *entry_of(struct lws *wsi)
{
	struct lws_vhost *vhost = wsi ? lws_get_vhost(wsi) : NULL;
	return vhost ? lws_get_vhost_user(vhost) : NULL;
}
