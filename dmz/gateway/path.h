/*
 * The one path that routes and policies see. libwebsockets has decoded %XX once and collapsed dot
 * segments; what still looks like a trick is refused, never decoded again. Pure.
 */
#ifndef GATEWAY_PATH_H
#define GATEWAY_PATH_H

#include <hub/status.h>

#include <stddef.h>

enum { GATEWAY_PATH_MAX = 1024 };

/*
 * HUB_OK: begins with '/', UTF-8, at most GATEWAY_PATH_MAX bytes, and holds no '%', backslash,
 * control character, empty segment or dot segment. HUB_REJECT: *fault ("gateway.path") says which.
 */
hub_status gateway_path_check(const char *path, size_t len, hub_fault *fault);

#endif
