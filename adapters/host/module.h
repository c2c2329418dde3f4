/*
 * Adapters as loadable modules. A module is found by name in, in this order: `dir` if given,
 * $HUB_ADAPTERS, ../adapters and ../lib/uhub/adapters beside the running program, and the
 * installed directory. The file is NAME.so and exports hub_adapter_table.
 */
#ifndef HOST_MODULE_H
#define HOST_MODULE_H

#include <hub/adapter.h>

#include "base/buf.h"

typedef struct module module;

/*
 * HUB_REJECT with *fault: no name ([a-z0-9_]{1,32}), no such adapter (names what there is), or
 * not a module of this ABI. dir NULL: the usual places only.
 */
hub_status module_load(const char *name, const char *dir, module **ret, hub_fault *fault);
const hub_adapter *module_adapter(const module *m);
void module_free(module *m); /* NULL is fine; no instance of it may be open */

/* The names of all adapters that can be found, sorted, each once, one per line. */
void module_names(const char *dir, buf *out);

#endif
