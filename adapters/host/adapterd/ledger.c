#include "ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"

#define KEEP INT64_C(3600000000) /* µs past a command's time, for clocks that differ */

/* A fleet of 10,000 that is told a limit every five minutes hands over 120,000 an hour. */
enum { ID_MAX = 128, LINE = ID_MAX + 32, ENTRIES_MAX = 262144, BUCKETS = 65536 };

typedef struct entry {
	struct entry *next;
	hub_time expires;
	bool sent;
	char id[];
} entry;

struct ledger {
	int fd;
	size_t count;
	char path[4096];
	entry *buckets[BUCKETS];
};

static size_t bucket(const char *id)
{
	uint32_t h = 2166136261u;
	for (; *id; id++)
		h = (h ^ (uint8_t)*id) * 16777619u;
	return h % BUCKETS;
}

static entry *find(const ledger *l, const char *id)
{
	for (entry *e = l->buckets[bucket(id)]; e; e = e->next)
		if (!strcmp(e->id, id))
			return e;
	return NULL;
}

static entry *add(ledger *l, const char *id, hub_time expires)
{
	size_t len = strlen(id) + 1;
	entry *e = len <= ID_MAX ? fail_malloc(sizeof *e + len) : NULL;
	if (!e)
		return NULL;
	entry **first = &l->buckets[bucket(id)];
	*e = (entry) { .next = *first, .expires = expires };
	memcpy(e->id, id, len);
	*first = e;
	l->count++;
	return e;
}

/* Takes out what nobody will ask about again. */
static void prune_bucket(ledger *l, entry **first, hub_time before)
{
	for (entry **p = first; *p;) {
		entry *e = *p;
		if (e->expires >= before) {
			p = &e->next;
			continue;
		}
		*p = e->next;
		l->count--;
		free(e);
	}
}

static void prune(ledger *l, hub_time before)
{
	for (size_t i = 0; i < BUCKETS; i++)
		prune_bucket(l, &l->buckets[i], before);
}

static bool load(ledger *l)
{
	char line[LINE], id[ID_MAX];
	long long expires;
	FILE *f = fopen(l->path, "r");
	bool good = true;
	while (f && good && fgets(line, sizeof line, f)) {
		/* The last line may be cut: its command was not sent. */
		if (!strchr(line, '\n') || sscanf(line, "%127s %lld", id, &expires) != 2 || find(l, id))
			continue;
		entry *e = add(l, id, expires);
		good = e != NULL;
		if (e)
			e->sent = true;
	}
	if (f)
		fclose(f);
	return good;
}

static bool keep(const ledger *l, int fd, const entry *e)
{
	char line[LINE];
	int n = snprintf(line, sizeof line, "%s %lld\n", e->id, (long long)e->expires);
	(void)l;
	return write(fd, line, (size_t)n) == n;
}

/* The file anew, with what still counts. */
static bool rewrite(ledger *l)
{
	char beside[4200];
	snprintf(beside, sizeof beside, "%s.new", l->path);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0640);
	bool good = fd >= 0;
	for (size_t i = 0; i < BUCKETS; i++)
		for (const entry *e = l->buckets[i]; good && e; e = e->next)
			good = !e->sent || keep(l, fd, e);
	good = good && rename(beside, l->path) == 0;
	if (!good) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	if (l->fd >= 0)
		close(l->fd);
	l->fd = fd;
	return true;
}

hub_status ledger_open(const char *state_dir, hub_time now, ledger **ret, hub_fault *fault)
{
	ledger *l = fail_calloc(1, sizeof *l);
	if (!l)
		return HUB_NOMEM;
	l->fd = -1;
	snprintf(l->path, sizeof l->path, "%s/commands", state_dir);
	bool good = load(l);
	prune(l, now - KEEP);
	if (!good || !rewrite(l)) {
		hub_fault_set(fault, "adapterd.ledger", "", "the list of sent commands '%.120s' cannot be written: %s",
			      l->path, strerror(errno));
		ledger_close(l);
		return HUB_FAILED;
	}
	*ret = l;
	return HUB_OK;
}

void ledger_close(ledger *l)
{
	if (!l)
		return;
	prune(l, INT64_MAX);
	if (l->fd >= 0)
		close(l->fd);
	free(l);
}

bool ledger_hand(ledger *l, const char *id, hub_time expires)
{
	if (find(l, id))
		return true;
	if (l->count >= ENTRIES_MAX) {
		prune(l, clock_now() - KEEP);
		if (l->count >= ENTRIES_MAX || !rewrite(l))
			return false;
	}
	return add(l, id, expires) != NULL;
}

bool ledger_was_sent(const ledger *l, const char *id)
{
	const entry *e = find(l, id);
	return e && e->sent;
}

bool ledger_sent(ledger *l, const char *id)
{
	entry *e = find(l, id);
	if (!e || e->sent)
		return true;
	e->sent = keep(l, l->fd, e);
	return e->sent;
}
