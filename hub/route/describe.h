/* What the build asks of the description before it makes a table of it. */
#ifndef ROUTE_DESCRIBE_H
#define ROUTE_DESCRIBE_H

#include <jansson.h>
#include <stdbool.h>

/* The methods that a path may have, in the order of OpenAPI. */
extern const char *const describe_methods[5];

/* Prints what is wrong to stderr. */
bool describe_check(json_t *whole);

#endif
