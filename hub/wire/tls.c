#include "wire/socket.h"

#include <stdio.h>
#include <string.h>

enum { PEM_MAX = 256 * 1024 };

static hub_status pem_read(const char *path, buf *out, hub_fault *fault)
{
	FILE *f = path ? fopen(path, "rb") : NULL;
	uint8_t *p = f ? buf_room(out, PEM_MAX) : NULL;
	size_t n = p ? fread(p, 1, PEM_MAX, f) : 0;
	bool whole = f && !ferror(f) && n && n < PEM_MAX;
	if (f)
		fclose(f);
	if (!whole) {
		hub_fault_set(fault, "wire.tls", "file", "%s cannot be read as PEM; check name and rights",
			      path ? path : "a certificate file that is not named");
		return HUB_FAILED;
	}
	buf_took(out, n);
	return HUB_OK;
}

/* The name the listener's certificate must carry: the host of "tls+tcp://host:port". */
static int server_name(nng_tls_config *config, const char *url)
{
	nng_url *parsed;
	int e = nng_url_parse(&parsed, url);
	if (e)
		return e;
	e = nng_tls_config_server_name(config, parsed->u_hostname);
	nng_url_free(parsed);
	return e;
}

hub_status tls_config(const wire_tls *tls, socket_side side, const char *url, nng_tls_config **ret, hub_fault *fault)
{
	buf ca = { 0 }, cert = { 0 }, key = { 0 };
	nng_tls_config *config = NULL;
	hub_status st = pem_read(tls->ca, &ca, fault);
	if (st == HUB_OK)
		st = pem_read(tls->cert, &cert, fault);
	if (st == HUB_OK)
		st = pem_read(tls->key, &key, fault);
	if (st == HUB_OK) {
		int e = nng_tls_config_alloc(&config, side == SOCKET_LISTEN ? NNG_TLS_MODE_SERVER : NNG_TLS_MODE_CLIENT);
		if (!e)
			e = nng_tls_config_ca_chain(config, buf_cstr(&ca), NULL);
		if (!e)
			e = nng_tls_config_own_cert(config, buf_cstr(&cert), buf_cstr(&key), NULL);
		if (!e)
			e = nng_tls_config_auth_mode(config, NNG_TLS_AUTH_MODE_REQUIRED);
		if (!e && side == SOCKET_DIAL)
			e = server_name(config, url);
		if (e)
			st = socket_fault(fault, "set up TLS for", url, e);
	}
	if (st == HUB_OK)
		*ret = config;
	else if (config)
		nng_tls_config_free(config);
	if (key.bytes)
		explicit_bzero(key.bytes, key.cap);
	buf_fini(&ca);
	buf_fini(&cert);
	buf_fini(&key);
	return st;
}
