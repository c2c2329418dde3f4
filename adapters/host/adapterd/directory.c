/*
 * A watched directory: each file that is complete becomes one session, and goes to done/ once its
 * records are kept as promised, or to failed/ when the adapter gave up. Names are strangers'.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/utf8.h"
#include "transport.h"

enum { SETTLE_MS = 1000, WAITING_MAX = 64, AT_ONCE = 16, CRASHES = 3, NAMES = 1000 };

typedef enum document_state { READING, INTERRUPTED, WAITING, STUCK } document_state;

typedef struct document {
	struct document *next;
	document_state state;
	char name[NAME_MAX + 1];
	struct stat taken;
	int fd;
	line *line;
} document;

/* A file that may still be written to. */
typedef struct candidate {
	char name[NAME_MAX + 1];
	off_t size;
	struct timespec written;
	int64_t since;
	bool seen, moved_in;
} candidate;

typedef struct directory {
	transport t;
	int dir;
	watch news;
	document *documents;
	size_t waiting;
	candidate *candidates;
	size_t count, cap;
	int64_t scan_due;
	char suspect[NAME_MAX + 1]; /* whose reading the child did not survive */
	int crashes;
} directory;

static void forget(directory *d, document *doc)
{
	document **at = &d->documents;
	while (*at != doc)
		at = &(*at)->next;
	*at = doc->next;
	d->waiting -= doc->state == WAITING;
	if (doc->fd >= 0)
		close(doc->fd);
	free(doc);
}

/* Into done/ or failed/, under another name if that one is taken. */
static bool move(directory *d, const char *name, const char *folder)
{
	char to[NAME_MAX + 32];
	mkdirat(d->dir, folder, 0750);
	for (int i = 0; i < NAMES; i++) {
		if (i)
			snprintf(to, sizeof to, "%s/%.230s.%d", folder, name, i);
		else
			snprintf(to, sizeof to, "%s/%s", folder, name);
		if (renameat2(d->dir, name, d->dir, to, RENAME_NOREPLACE) == 0 || errno == ENOENT)
			return true;
		if (errno != EEXIST)
			break;
	}
	keeper_error(d->t.in, "file '%s' cannot be moved to %s/: %s; it is left alone until a restart", name, folder,
		       strerror(errno));
	return false;
}

static bool unchanged(const directory *d, const document *doc)
{
	struct stat now;
	return fstatat(d->dir, doc->name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == doc->taken.st_ino &&
	       now.st_size == doc->taken.st_size && now.st_mtim.tv_sec == doc->taken.st_mtim.tv_sec &&
	       now.st_mtim.tv_nsec == doc->taken.st_mtim.tv_nsec;
}

static void finish(directory *d, document *doc, const char *folder)
{
	if (!unchanged(d, doc)) {
		log_warn("instance '%s': file '%s' changed while it was read: it is read again", d->t.in->name, doc->name);
	} else if (!move(d, doc->name, folder)) {
		d->waiting -= doc->state == WAITING;
		doc->state = STUCK;
		return;
	}
	forget(d, doc);
}

/* The adapter hung up on the file, or the child died over it. */
static void on_line_closed(line *l, const char *reason)
{
	document *doc = l->own;
	keeper *in = l->in;
	doc->line = NULL;
	if (!in->pid) {
		doc->state = INTERRUPTED;
		return;
	}
	keeper_error(in, "file '%s' failed: %s", doc->name, reason ? reason : "the adapter gave up");
	finish((directory *)in->transport, doc, "failed");
}

static void document_done(transport *t, line *l)
{
	directory *d = (directory *)t;
	document *doc = l->own;
	l->closed = NULL;
	doc->line = NULL;
	doc->state = WAITING;
	d->waiting++;
	if (!promise_give(t->in, 0, 0, doc, NULL, 0))
		forget(d, doc);
	d->crashes = 0;
}

static void document_kept(transport *t, void *held, bool kept)
{
	if (kept)
		finish((directory *)t, held, "done");
	else
		forget((directory *)t, held);
}

static void take(directory *d, const candidate *c)
{
	document *doc = fail_calloc(1, sizeof *doc);
	if (!doc)
		return;
	snprintf(doc->name, sizeof doc->name, "%s", c->name);
	doc->fd = openat(d->dir, c->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	doc->next = d->documents;
	d->documents = doc;
	if (doc->fd < 0 || fstat(doc->fd, &doc->taken) != 0 || !S_ISREG(doc->taken.st_mode)) {
		forget(d, doc);
		return;
	}
	if (utf8_valid(c->name, strlen(c->name)))
		doc->line = line_open(d->t.in, -1, c->name, doc, on_line_closed);
	else
		finish(d, doc, "failed");
	if (d->documents == doc && !doc->line && doc->state == READING)
		forget(d, doc);
}

static document *reading(const directory *d)
{
	document *doc = d->documents;
	while (doc && (doc->state != READING || doc->line->ended))
		doc = doc->next;
	return doc;
}

static bool known(const directory *d, const char *name)
{
	for (const document *doc = d->documents; doc; doc = doc->next)
		if (strcmp(doc->name, name) == 0)
			return true;
	return false;
}

static candidate *candidate_of(directory *d, const char *name)
{
	for (size_t i = 0; i < d->count; i++)
		if (strcmp(d->candidates[i].name, name) == 0)
			return &d->candidates[i];
	candidate *p = grow(d->candidates, d->count, &d->cap, sizeof *p, 16);
	if (!p)
		return NULL;
	d->candidates = p;
	candidate *c = &d->candidates[d->count++];
	*c = (candidate){ .size = -1 };
	snprintf(c->name, sizeof c->name, "%s", name);
	return c;
}

static void look_at(directory *d, const char *name, int64_t now)
{
	struct stat st;
	const char *pattern = config_text(&d->t.in->config, "pattern", "*");
	if (fnmatch(pattern, name, FNM_PERIOD | FNM_PATHNAME) != 0 || known(d, name) ||
	    fstatat(d->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
		return;
	candidate *c = candidate_of(d, name);
	if (!c)
		return;
	c->seen = true;
	if (c->size != st.st_size || c->written.tv_sec != st.st_mtim.tv_sec || c->written.tv_nsec != st.st_mtim.tv_nsec) {
		c->size = st.st_size;
		c->written = st.st_mtim;
		c->since = now;
	}
}

static void scan(directory *d, int64_t now)
{
	int fd = openat(d->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	if (!list) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (size_t i = 0; i < d->count; i++)
		d->candidates[i].seen = false;
	for (struct dirent *e; (e = readdir(list));)
		look_at(d, e->d_name, now);
	closedir(list);
	size_t kept = 0;
	for (size_t i = 0; i < d->count; i++)
		if (d->candidates[i].seen)
			d->candidates[kept++] = d->candidates[i];
	d->count = kept;
}

/* Renamed into place: whole from its first moment. */
static void on_news(watch *w, uint32_t events)
{
	(void)events;
	directory *d = w->user;
	_Alignas(struct inotify_event) char bytes[16 * 1024];
	int64_t now = clock_monotonic();
	ssize_t n = read(w->fd, bytes, sizeof bytes);
	for (char *p = bytes; n > 0 && p < bytes + n;) {
		const struct inotify_event *e = (const struct inotify_event *)p;
		if (e->len && (e->mask & IN_MOVED_TO)) {
			look_at(d, e->name, now);
			candidate *c = d->count ? candidate_of(d, e->name) : NULL;
			if (c)
				c->moved_in = true;
		}
		p += sizeof *e + e->len;
	}
	d->scan_due = now;
}

static hub_status start(transport *t, hub_fault *fault)
{
	directory *d = (directory *)t;
	const char *path = config_text(&t->in->config, "path", "");
	d->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int news = d->dir < 0 ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (news >= 0 && (inotify_add_watch(news, path, IN_MOVED_TO | IN_CLOSE_WRITE | IN_ONLYDIR) < 0 ||
			  !loop_watch(&t->in->host->loop, &d->news, news, EPOLLIN))) {
		close(news);
		news = -1;
	}
	if (news < 0) {
		hub_fault_set(fault, "transport.directory", "path", "folder %.120s cannot be watched: %s", path,
			      strerror(errno));
		return HUB_FAILED;
	}
	d->scan_due = 0;
	return HUB_OK;
}

static void stop(transport *t, bool crashed)
{
	directory *d = (directory *)t;
	loop_unwatch(&t->in->host->loop, &d->news);
	for (document *doc = d->documents, *next; doc; doc = next) {
		next = doc->next;
		if (doc->state != INTERRUPTED)
			continue;
		d->crashes = !crashed ? 0 : strcmp(d->suspect, doc->name) == 0 ? d->crashes + 1 : 1;
		snprintf(d->suspect, sizeof d->suspect, "%s", doc->name);
		if (d->crashes >= CRASHES) {
			keeper_error(t->in, "file '%s': the adapter died over it %d times", doc->name, d->crashes);
			finish(d, doc, "failed");
		} else {
			forget(d, doc);
		}
	}
	/* Documents that wait for their promise are moved through this folder later. */
	if (d->dir >= 0 && !d->documents) {
		close(d->dir);
		d->dir = -1;
	}
}

static void pump(directory *d)
{
	document *doc;
	for (int i = 0; i < AT_ONCE && keeper_accepts(d->t.in) && (doc = reading(d)); i++) {
		uint8_t bytes[FRAME_CHUNK];
		ssize_t n = read(doc->fd, bytes, sizeof bytes);
		if (n < 0 && errno != EINTR) {
			keeper_error(d->t.in, "file '%s' cannot be read: %s", doc->name, strerror(errno));
			line_close(doc->line, "cannot be read");
		} else if (n >= 0) {
			line_input(doc->line, bytes, (size_t)n, n == 0);
		}
	}
}

static candidate *next_ready(directory *d, int64_t now, int64_t settle)
{
	candidate *best = NULL;
	for (size_t i = 0; i < d->count; i++) {
		candidate *c = &d->candidates[i];
		if ((c->moved_in || now - c->since >= settle) && (!best || strcmp(c->name, best->name) < 0))
			best = c;
	}
	return best;
}

static int64_t tick(transport *t, int64_t now)
{
	directory *d = (directory *)t;
	int64_t settle = config_int(&t->in->config, "settle_ms", SETTLE_MS) * 1000;
	int64_t pace = settle / 4 < 20000 ? 20000 : settle / 4 > 1000000 ? 1000000 : settle / 4;
	if (now >= d->scan_due) {
		scan(d, now);
		d->scan_due = now + pace;
	}
	candidate *c;
	while (d->waiting < WAITING_MAX && keeper_accepts(t->in) && !reading(d) &&
	       (c = next_ready(d, now, settle))) {
		take(d, c);
		*c = d->candidates[--d->count];
		pump(d);
	}
	pump(d);
	return reading(d) ? now + 1000 : d->scan_due;
}

static void directory_free(transport *t)
{
	directory *d = (directory *)t;
	while (d->documents)
		forget(d, d->documents);
	if (d->dir >= 0)
		close(d->dir);
	free(d->candidates);
	loop_free(&t->in->host->loop, d);
}

transport *directory_new(keeper *in)
{
	directory *d = fail_calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->t = (transport){ .start = start, .stop = stop, .tick = tick, .document_done = document_done,
			    .document_kept = document_kept, .free = directory_free, .in = in };
	d->dir = -1;
	d->news = (watch){ .fd = -1, .on = on_news, .user = d };
	return &d->t;
}
