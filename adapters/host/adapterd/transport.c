#include "transport.h"

static const struct {
	hub_transport which;
	transport *(*make)(keeper *in);
} kinds[] = {
	{ HUB_TCP_SERVER, tcp_server_new },
	{ HUB_TCP_CLIENT, tcp_client_new },
	{ HUB_DIRECTORY, directory_new },
	{ HUB_SERIAL, serial_new },
	{ HUB_MESSAGE, messages_new },
	{ HUB_WEBSOCKET, websocket_new },
};

transport *transport_new(keeper *in)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (kinds[i].which == in->config.transport)
			return kinds[i].make(in);
	return NULL;
}
