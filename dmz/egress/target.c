#include "target.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <curl/curl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Special-purpose ranges (RFC 6890 and its registries) that a public recipient cannot have. */
static const char closed[] =
	"0.0.0.0/8,10.0.0.0/8,100.64.0.0/10,127.0.0.0/8,169.254.0.0/16,172.16.0.0/12,192.0.0.0/24,192.0.2.0/24,"
	"192.88.99.0/24,192.168.0.0/16,198.18.0.0/15,198.51.100.0/24,203.0.113.0/24,224.0.0.0/4,240.0.0.0/4,"
	"::/96,64:ff9b::/96,100::/64,2001::/23,2001:db8::/32,2002::/16,fc00::/7,fe80::/10,ff00::/8";

static bool in_range(const target_range *r, const uint8_t bytes[16])
{
	unsigned whole = r->prefix / 8, rest = r->prefix % 8;
	if (memcmp(r->bytes, bytes, whole) != 0)
		return false;
	return !rest || ((r->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0;
}

static bool in_any(const target_allow *list, const uint8_t bytes[16])
{
	for (size_t i = 0; i < list->count; i++)
		if (in_range(&list->ranges[i], bytes))
			return true;
	return false;
}

static bool range_parse(const char *text, size_t len, target_range *ret)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };
	char copy[64], *slash, *end;
	if (!len || len >= sizeof copy)
		return false;
	memcpy(copy, text, len);
	copy[len] = 0;
	slash = strchr(copy, '/');
	if (slash)
		*slash = 0;
	bool v4 = inet_pton(AF_INET, copy, ret->bytes + 12) == 1;
	if (!v4 && inet_pton(AF_INET6, copy, ret->bytes) != 1)
		return false;
	if (v4)
		memcpy(ret->bytes, mapped, sizeof mapped);
	unsigned long most = v4 ? 32 : 128, prefix = most;
	if (slash) {
		prefix = strtoul(slash + 1, &end, 10);
		if (!isdigit((unsigned char)slash[1]) || *end || prefix > most)
			return false;
	}
	ret->prefix = (unsigned)prefix + (v4 ? 96 : 0);
	return true;
}

hub_status target_allow_parse(const char *text, target_allow *ret, hub_fault *fault)
{
	target_allow list = { .count = 0 };
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, ", ");
		if (n && list.count == TARGET_ALLOW_MAX)
			return hub_fault_set(fault, "egress.allow", "allow", "at most %d ranges", TARGET_ALLOW_MAX);
		if (n && !range_parse(p, n, &list.ranges[list.count++]))
			return hub_fault_set(fault, "egress.allow", "allow", "'%.*s' is no address or range such as 10.0.0.0/8",
					     (int)(n < 60 ? n : 60), p);
		p += n + (p[n] != 0);
	}
	*ret = list;
	return HUB_OK;
}

bool target_address_is_open(const target_allow *allow, const struct sockaddr *address)
{
	target_allow none;
	uint8_t bytes[16] = { [10] = 0xff, [11] = 0xff };
	if (address->sa_family == AF_INET)
		memcpy(bytes + 12, &((const struct sockaddr_in *)(const void *)address)->sin_addr, 4);
	else if (address->sa_family == AF_INET6)
		memcpy(bytes, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, 16);
	else
		return false;
	if (in_any(allow, bytes))
		return true;
	return target_allow_parse(closed, &none, NULL) == HUB_OK && !in_any(&none, bytes);
}

/* One part of the URL into `out`; false if it is absent or too long. */
static bool part(CURLU *u, CURLUPart what, unsigned flags, char *out, size_t size)
{
	char *text = NULL;
	bool ok = curl_url_get(u, what, &text, flags) == CURLUE_OK && strlen(text) < size;
	if (ok)
		strcpy(out, text);
	curl_free(text);
	return ok;
}

hub_status target_parse(const char *url, target *ret, hub_fault *fault)
{
	target t = { .port = 0 };
	char scheme[16] = "", port[16] = "", user[8] = "";
	CURLU *u = curl_url();
	if (!u)
		return HUB_NOMEM;
	bool ok = curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) == CURLUE_OK &&
		  part(u, CURLUPART_SCHEME, 0, scheme, sizeof scheme) && part(u, CURLUPART_HOST, 0, t.host, sizeof t.host) &&
		  part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port);
	ok = ok && !part(u, CURLUPART_USER, 0, user, sizeof user);
	curl_url_cleanup(u);
	t.secure = !strcmp(scheme, "https");
	t.port = (unsigned)atoi(port);
	if (!ok || (!t.secure && strcmp(scheme, "http") != 0) || !t.host[0] || !t.port)
		return hub_fault_set(fault, "egress.url", "url", "http://HOST[:PORT]/PATH or https://…, without user and password");
	/* The brackets of an IPv6 address belong to the URL's form, not to the host. */
	size_t n = strlen(t.host);
	if (t.host[0] == '[' && t.host[n - 1] == ']') {
		memmove(t.host, t.host + 1, n - 2);
		t.host[n - 2] = 0;
	}
	*ret = t;
	return HUB_OK;
}

hub_status target_resolve(const target_allow *allow, target *t, hub_fault *fault)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	char port[16], address[INET6_ADDRSTRLEN];
	snprintf(port, sizeof port, "%u", t->port);
	int rc = getaddrinfo(t->host, port, &hints, &list);
	if (rc) {
		hub_fault_set(fault, "egress.dns", "url", "'%.80s': %s", t->host, gai_strerror(rc));
		return HUB_AGAIN;
	}
	hub_status st = HUB_DENIED;
	for (struct addrinfo *a = list; a && st != HUB_OK; a = a->ai_next) {
		if (!target_address_is_open(allow, a->ai_addr) ||
		    getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST))
			continue;
		bool v6 = a->ai_family == AF_INET6;
		snprintf(t->pin, sizeof t->pin, "%s:%u:%s%s%s", t->host, t->port, v6 ? "[" : "", address, v6 ? "]" : "");
		st = HUB_OK;
	}
	freeaddrinfo(list);
	if (st != HUB_OK)
		hub_fault_set(fault, "egress.refused_target", "url",
			      "'%.80s' is at a private, loopback or reserved address; the operator can open it (egress allow)",
			      t->host);
	return st;
}
