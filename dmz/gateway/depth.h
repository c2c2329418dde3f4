/* How deep a JSON body nests, told while it arrives: a bomb ends at its first bytes, and nobody parses it. Pure. */
#ifndef GATEWAY_DEPTH_H
#define GATEWAY_DEPTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DEPTH_MAX = 32 };

typedef struct depth {
	unsigned level;
	bool in_text, escaped;
} depth; /* all zero at first */

/* The next bytes. false: deeper than DEPTH_MAX. What is no JSON is the core's to refuse. */
bool depth_take(depth *d, const uint8_t *bytes, size_t len);

#endif
