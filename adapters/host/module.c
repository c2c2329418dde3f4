#include "module.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

struct module {
	void *handle;
	const hub_adapter *adapter;
};

enum { PLACES = 5, NAME_MAX_LEN = 32 };

typedef struct places {
	char paths[PLACES][PATH_MAX];
	size_t count;
} places;

static void place_add(places *p, const char *fmt, const char *path)
{
	if (!path || !*path)
		return;
	int n = snprintf(p->paths[p->count], PATH_MAX, fmt, path);
	if (n > 0 && n < PATH_MAX)
		p->count++;
}

static void places_find(places *p, const char *dir)
{
	char exe[PATH_MAX];
	p->count = 0;
	place_add(p, "%s", dir);
	place_add(p, "%s", getenv("HUB_ADAPTERS"));
	ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
	if (n > 0) {
		exe[n] = '\0';
		char *slash = strrchr(exe, '/');
		if (slash)
			*slash = '\0';
		place_add(p, "%s/../adapters", exe);
		place_add(p, "%s/../lib/uhub/adapters", exe);
	}
	place_add(p, "%s", HUB_ADAPTER_DIR);
}

static bool name_ok(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n > 0 && n <= NAME_MAX_LEN && !name[n];
}

static hub_status load(const char *path, const char *name, module *m, hub_fault *fault)
{
	/* Its faults' codes are static texts of the module and outlive the instance. */
	m->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (!m->handle)
		return hub_fault_set(fault, "adapter.module", "adapter", "adapter '%s' cannot be loaded: %s", name,
				     dlerror());
	m->adapter = dlsym(m->handle, "hub_adapter_table");
	if (!m->adapter)
		return hub_fault_set(fault, "adapter.module", "adapter",
				     "%s exports no hub_adapter_table: it is not an adapter", path);
	if (m->adapter->abi != HUB_ADAPTER_ABI)
		return hub_fault_set(fault, "adapter.abi", "adapter",
				     "adapter '%s' speaks ABI %u and this host %u: rebuild it", name,
				     (unsigned)m->adapter->abi, HUB_ADAPTER_ABI);
	return HUB_OK;
}

hub_status module_load(const char *name, const char *dir, module **ret, hub_fault *fault)
{
	if (!name_ok(name))
		return hub_fault_set(fault, "adapter.name", "adapter",
				     "an adapter's name is 1 to 32 of a-z, 0-9 and _: got '%s'", name);
	places p;
	places_find(&p, dir);
	for (size_t i = 0; i < p.count; i++) {
		char path[PATH_MAX + NAME_MAX_LEN + 8];
		snprintf(path, sizeof path, "%s/%s.so", p.paths[i], name);
		if (access(path, R_OK) != 0)
			continue;
		module *m = fail_calloc(1, sizeof *m);
		if (!m)
			return HUB_NOMEM;
		hub_status st = load(path, name, m, fault);
		if (st != HUB_OK) {
			module_free(m);
			return st;
		}
		*ret = m;
		return HUB_OK;
	}
	buf names = { 0 };
	module_names(dir, &names);
	for (size_t i = 0; i < names.len; i++)
		if (names.bytes[i] == '\n')
			names.bytes[i] = ' ';
	hub_fault_set(fault, "adapter.unknown", "adapter", "there is no adapter '%s'; there are: %.180s", name,
		      buf_cstr(&names));
	buf_fini(&names);
	return HUB_REJECT;
}

const hub_adapter *module_adapter(const module *m)
{
	return m->adapter;
}

void module_free(module *m)
{
	if (!m)
		return;
	if (m->handle)
		dlclose(m->handle);
	free(m);
}

static int name_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

void module_names(const char *dir, buf *out)
{
	enum { NAMES = 128 };
	char names[NAMES][NAME_MAX_LEN + 1];
	size_t count = 0;
	places p;
	places_find(&p, dir);
	for (size_t i = 0; i < p.count; i++) {
		DIR *d = opendir(p.paths[i]);
		for (struct dirent *e; d && (e = readdir(d)) && count < NAMES;) {
			size_t n = strlen(e->d_name);
			if (n <= 3 || n > NAME_MAX_LEN + 3 || strcmp(e->d_name + n - 3, ".so") != 0)
				continue;
			memcpy(names[count], e->d_name, n - 3);
			names[count][n - 3] = '\0';
			count += name_ok(names[count]);
		}
		if (d)
			closedir(d);
	}
	qsort(names, count, sizeof *names, name_cmp);
	for (size_t i = 0; i < count; i++)
		if (!i || strcmp(names[i], names[i - 1]) != 0)
			buf_printf(out, "%s\n", names[i]);
}
