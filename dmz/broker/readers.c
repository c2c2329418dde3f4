#include "readers.h"

#include "base/fail.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct readers {
	const char *path, *journal;
	json_t *all;
	const json_t *parties; /* of `all`: those of this journal; NULL: nobody */
	ino_t inode;	       /* of the file as it was read; 0: there was none */
	struct timespec changed;
};

hub_status readers_open(const char *path, const char *journal, readers **ret)
{
	readers *r = fail_calloc(1, sizeof *r);
	if (!r)
		return HUB_NOMEM;
	*r = (readers) { .path = path, .journal = journal };
	*ret = r;
	return HUB_OK;
}

void readers_close(readers *r)
{
	if (!r)
		return;
	json_decref(r->all);
	free(r);
}

static bool is_same_folder(const char *a, const char *b)
{
	struct stat one, other;
	return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

static void take(readers *r, json_t *all)
{
	const char *path;
	json_t *parties;
	json_decref(r->all);
	r->all = all;
	r->parties = NULL;
	json_object_foreach (all, path, parties)
		if (is_same_folder(path, r->journal))
			r->parties = parties;
}

hub_status readers_refresh(readers *r, hub_fault *fault)
{
	struct stat st;
	json_error_t error;
	if (stat(r->path, &st)) {
		r->inode = 0;
		take(r, NULL);
		return HUB_OK;
	}
	if (r->inode == st.st_ino && r->changed.tv_sec == st.st_ctim.tv_sec && r->changed.tv_nsec == st.st_ctim.tv_nsec)
		return HUB_OK;
	/* One replaced in between is read again at the next look. */
	r->inode = st.st_ino;
	r->changed = st.st_ctim;
	take(r, json_load_file(r->path, JSON_REJECT_DUPLICATES, &error));
	if (json_is_object(r->all))
		return HUB_OK;
	return hub_fault_set(fault, "broker.readers", "readers",
			     "%.200s: %.120s; nobody's messages are taken until adapterd "
			     "writes it again",
			     r->path, r->all ? "not an object" : error.text);
}

bool readers_has(const readers *r, const char *party)
{
	return json_object_get(r->parties, party);
}
