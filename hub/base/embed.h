/* Files that are part of the library: see cmake/embed.cmake. */
#ifndef BASE_EMBED_H
#define BASE_EMBED_H

#include <stddef.h>

typedef struct hub_embedded {
	const char *name;  /* the file's base name without its ending */
	const char *bytes; /* a NUL follows that does not count */
	size_t len;
} hub_embedded;

#endif
