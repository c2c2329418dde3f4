/*
 * Where a request may go. A recipient names its own address, so it is untrusted: only http and
 * https, no credentials in it, and after DNS no address of a private, loopback, link-local,
 * multicast or reserved range unless the operator's list opens it. The address that was checked is
 * the one that is used.
 */
#ifndef EGRESS_TARGET_H
#define EGRESS_TARGET_H

#include <hub/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum { TARGET_HOST = 256, TARGET_PIN = 400, TARGET_ALLOW_MAX = 64 };

typedef struct target_range {
	uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	unsigned prefix;   /* of 128 */
} target_range;

/* What the operator opened. */
typedef struct target_allow {
	target_range ranges[TARGET_ALLOW_MAX];
	size_t count;
} target_allow;

/* "127.0.0.0/8, 10.1.2.3, fd00::/8"; "" is none. HUB_REJECT names the part that is no range. */
hub_status target_allow_parse(const char *text, target_allow *ret, hub_fault *fault);

/* Whether a request may go to this address. */
bool target_address_is_open(const target_allow *allow, const struct sockaddr *address);

typedef struct target {
	char host[TARGET_HOST]; /* as in the URL, without brackets */
	unsigned port;
	bool secure;
	char pin[TARGET_PIN];   /* "host:port:address", as curl's --resolve takes it */
} target;

/* Takes the URL apart. HUB_REJECT: "egress.url" and the rule it breaks. */
hub_status target_parse(const char *url, target *ret, hub_fault *fault);
/* Asks DNS and pins the first address that is open. HUB_DENIED: "egress.refused_target"; HUB_AGAIN:
   "egress.dns". Blocks as long as the resolver does. */
hub_status target_resolve(const target_allow *allow, target *t, hub_fault *fault);

#endif
