#include "replica.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

struct replica {
	const char *dir;
	json_t *tables; /* name → { key → value } */
};

enum { PATH = 4096 };

json_t *state_load(const char *dir, const char *folder, const char *name)
{
	char path[PATH];
	snprintf(path, sizeof path, "%s/%s/%s.json", dir, folder, name);
	return json_load_file(path, JSON_REJECT_DUPLICATES, NULL);
}

bool state_save(const char *dir, const char *folder, const char *name, const json_t *value)
{
	char path[PATH], temporary[PATH + 8];
	snprintf(path, sizeof path, "%s/%s", dir, folder);
	mkdir(path, 0750);
	snprintf(path, sizeof path, "%s/%s/%s.json", dir, folder, name);
	snprintf(temporary, sizeof temporary, "%s.new", path);
	FILE *f = fopen(temporary, "we");
	bool good = f && json_dumpf(value, f, JSON_COMPACT) == 0 && fflush(f) == 0 && fsync(fileno(f)) == 0;
	if (f)
		good &= fclose(f) == 0;
	return good && rename(temporary, path) == 0;
}

static bool table_name_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
	return n >= 1 && n <= 64 && !name[n];
}

replica *replica_open(const char *state_dir)
{
	replica *r = fail_calloc(1, sizeof *r);
	if (!r)
		return NULL;
	r->dir = state_dir;
	r->tables = json_object();
	char path[PATH];
	snprintf(path, sizeof path, "%s/tables", state_dir);
	DIR *d = opendir(path);
	for (struct dirent *e; d && (e = readdir(d));) {
		char name[65];
		size_t n = strlen(e->d_name);
		if (n <= 5 || n > 69 || strcmp(e->d_name + n - 5, ".json") != 0)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(n - 5), e->d_name);
		json_t *rows = table_name_valid(name) ? state_load(state_dir, "tables", name) : NULL;
		if (json_is_object(rows))
			json_object_set(r->tables, name, rows);
		json_decref(rows);
	}
	if (d)
		closedir(d);
	return r;
}

void replica_close(replica *r)
{
	if (!r)
		return;
	json_decref(r->tables);
	free(r);
}

static void tell(keeper *in, const char *table, const char *key, const json_t *value)
{
	if (!value || json_is_string(value)) {
		keeper_table_row(in, table, key, json_string_value(value));
		return;
	}
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (text)
		keeper_table_row(in, table, key, text);
	free(text);
}

void replica_tell(const replica *r, keeper *in)
{
	const char *table, *key;
	json_t *rows, *value;
	json_object_foreach(r->tables, table, rows)
		json_object_foreach(rows, key, value)
			tell(in, table, key, value);
}

static void tell_changes(const char *table, json_t *before, json_t *after, keeper *in)
{
	const char *key;
	json_t *value;
	json_object_foreach(before, key, value)
		if (!json_object_get(after, key))
			tell(in, table, key, NULL);
	json_object_foreach(after, key, value)
		if (!json_equal(value, json_object_get(before, key)))
			tell(in, table, key, value);
}

hub_status replica_replace(replica *r, const char *table, const uint8_t *bytes, size_t len, keeper **instances,
			   size_t count, hub_fault *fault)
{
	json_error_t error;
	if (!table_name_valid(table))
		return hub_fault_set(fault, "table.name", "subject", "a table's name is 1 to 64 of a-z, 0-9 and _");
	json_t *rows = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, &error);
	if (!json_is_object(rows)) {
		json_decref(rows);
		return hub_fault_set(fault, "table.json", "body", "table '%s' must be a JSON object key → value: %.80s",
				     table, rows ? "another type" : error.text);
	}
	if (!state_save(r->dir, "tables", table, rows)) {
		json_decref(rows);
		hub_fault_set(fault, "table.disk", "body", "table '%s' cannot be kept: check the state folder", table);
		return HUB_FAILED;
	}
	for (size_t i = 0; i < count; i++)
		tell_changes(table, json_object_get(r->tables, table), rows, instances[i]);
	json_object_set_new(r->tables, table, rows);
	return HUB_OK;
}
