#include "ports.h"

#include <stdio.h>

static bool admit(void *user, const front_guest *guest, int fd)
{
	port *p = user;
	p->of->guest = guest;
	bool good = lws_adopt_socket_vhost(p->entry.vhost, fd) != NULL;
	p->of->guest = NULL;
	return good;
}

void ports_refresh(ports *p)
{
	if (p->clients)
		tls_refresh(p->clients);
	for (size_t i = 0; i < PORTS; i++)
		if (p->list[i].serving)
			serving_refresh(p->list[i].serving);
}

void ports_tick(ports *p)
{
	ports_refresh(p);
	for (size_t i = 0; i < PORTS; i++)
		front_tick(p->list[i].front);
}

void ports_stop(ports *p)
{
	for (size_t i = 0; i < PORTS; i++)
		front_stop(p->list[i].front);
}

void ports_free(ports *p)
{
	for (size_t i = 0; i < PORTS; i++) {
		front_free(p->list[i].front);
		serving_close(p->list[i].serving);
	}
	tls_close(p->clients);
}

hub_status ports_open(ports *p, uv_loop_t *loop, struct lws_context *context, const struct lws_protocols *protocols,
		      const http_settings *s, limit *counted, hub_fault *fault)
{
	char cert[640], key[640]; /* the doors' own, made by the authority */
	const bool own = !s->public_cert[0];
	hub_status st = s->party_listen[0] ? tls_open(s->state, &p->clients, fault) : HUB_OK;
	snprintf(cert, sizeof cert, "%s/" TLS_CERT, s->state);
	snprintf(key, sizeof key, "%s/" TLS_KEY, s->state);
	const struct {
		const char *address;
		entry entry;
		serving_settings serving;
	} table[PORTS] = {
		{ s->party_listen,
		  { .option = "party_listen", .door = "party", .certified = true },
		  { cert, key, "party_listen", p->clients, true, true } },
		{ s->public_listen,
		  { .option = "public_listen", .door = "public" },
		  { own ? cert : s->public_cert, own ? key : s->public_key, own ? "public_listen" : "public_cert", NULL,
		    false, true } },
	};
	for (size_t i = 0; st == HUB_OK && i < PORTS; i++) {
		port *one = &p->list[i];
		if (!table[i].address[0])
			continue;
		one->of = p;
		one->entry = table[i].entry;
		st = entry_open(&one->entry, context, protocols, s->header_time, fault);
		if (st == HUB_OK)
			st = serving_open(&table[i].serving, &one->serving, fault);
		const front_settings how = { table[i].address, one->entry.option, one->serving, counted,
					     s->header_time,   s->body_time,	  admit,	one };
		if (st == HUB_OK)
			st = front_open(loop, &how, &one->front, fault);
	}
	return st;
}
