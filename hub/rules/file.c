#include "rules/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static hub_status unreadable(const char *path, hub_fault *fault)
{
	hub_fault_set(fault, "file.unreadable", "", "%s cannot be read: %s", path, strerror(errno));
	return HUB_MISSING;
}

hub_status rules_file_read(const char *path, buf *out, hub_fault *fault)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "rb") : stdin;
	hub_status st = HUB_OK;
	if (!f)
		return unreadable(path, fault);
	for (size_t n = 1; n && st == HUB_OK;) {
		uint8_t *room = buf_room(out, 65536);
		n = room ? fread(room, 1, 65536, f) : 0;
		buf_took(out, n);
		if (!room)
			st = HUB_NOMEM;
	}
	if (st == HUB_OK && ferror(f))
		st = unreadable(path, fault);
	if (f != stdin)
		fclose(f);
	return st;
}

static hub_status source_read(const char *path, arena *a, policy_source *to, hub_fault *fault)
{
	buf b = { 0 };
	hub_status st = rules_file_read(path, &b, fault);
	if (st == HUB_OK) {
		to->name = policy_text_of(arena_strdup(a, path));
		to->text = (policy_text){ arena_strndup(a, (const char *)b.bytes, b.len), b.len };
		st = to->name.p && to->text.p ? HUB_OK : HUB_NOMEM;
	}
	buf_fini(&b);
	return st;
}

static int is_cedar(const struct dirent *d)
{
	size_t n = strlen(d->d_name);
	return n > 6 && d->d_name[0] != '.' && !strcmp(d->d_name + n - 6, ".cedar");
}

hub_status rules_sources_read(const char *path, arena *a, policy_source **ret, size_t *ret_count, hub_fault *fault)
{
	struct dirent **names;
	int n = scandir(path, &names, is_cedar, alphasort);
	bool folder = n >= 0;
	if (!folder && errno != ENOTDIR)
		return unreadable(path, fault);
	policy_source *list = arena_array(a, folder ? (size_t)n : 1, sizeof *list);
	hub_status st = list ? HUB_OK : HUB_NOMEM;
	if (!folder && st == HUB_OK)
		st = source_read(path, a, list, fault);
	for (int i = 0; i < n; i++) {
		char *file = arena_printf(a, "%s/%s", path, names[i]->d_name);
		if (st == HUB_OK)
			st = file ? source_read(file, a, &list[i], fault) : HUB_NOMEM;
		free(names[i]);
	}
	if (folder)
		free(names);
	if (st == HUB_OK) {
		*ret = list;
		*ret_count = folder ? (size_t)n : 1;
	}
	return st;
}
