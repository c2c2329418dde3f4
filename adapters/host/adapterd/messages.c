/*
 * The broker's journal: each message of the instance's party becomes one session, and is kept once
 * its records are kept as promised. Several instances read one journal, each at its own pace; the
 * journal is acknowledged up to where all of them are. What the adapter died over or gave up goes to
 * failed/. docs/decisions/0008-mqtt.md
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "base/utf8.h"
#include "transport.h"
#include "wire/message.h"

enum {
	SESSIONS_MAX = 256,              /* sessions at once */
	PENDING_MAX = 4096,           /* messages that wait for their promise */
	PENDING_BYTES = 8 << 20,
	READ_BYTES = 1 << 20, READ_RECORDS = 256,
	CRASHES = 3,
	IDLE = 10000, AFTER_FAILURE = 1000000, STRANGERS_SAID = 60000000, /* µs */
};

typedef enum message_state { QUEUED, READING, WAITING, KEPT } message_state;

typedef struct message {
	struct message *next;
	message_state state;
	uint64_t seq;
	line *line;
	size_t len;
	uint8_t bytes[]; /* the journal's record */
} message;

typedef struct feed feed;

/* One journal folder and all instances that read it. */
typedef struct tap {
	struct tap *next;
	char path[1024];
	journal_reader *reader; /* acknowledges; NULL until there is something to acknowledge */
	uint64_t acked, strangers;
	int64_t strangers_said;
	feed *feeds;
} tap;

struct feed {
	transport t;
	feed *next;
	tap *tap;
	const char *party;
	journal_reader *reader;
	buf batch; /* read and not yet looked at */
	size_t at;
	uint64_t batch_seq;      /* of the record at `at` */
	uint64_t wanted, settled; /* the next to read; all up to here is kept. 0: not known yet */
	uint64_t until;           /* through when all before it is kept; 0: nobody has asked */
	int64_t looked;           /* where the journal ends; only then */
	message *first, *last;
	message *next_up; /* none before it is QUEUED; NULL: the first */
	bool came_back;   /* one is QUEUED again, wherever it stands */
	size_t pending, pending_bytes, open;
	size_t careful;   /* so many more go one at a time, since one of them may have killed the child */
	uint64_t suspect; /* the message over which it died alone */
	int crashes;
	bool unkept; /* our own journal failed: not the adapter's doing */
	int64_t due;
};

static tap *taps;

static tap *tap_of(const char *path)
{
	tap *t = taps;
	while (t && strcmp(t->path, path) != 0)
		t = t->next;
	if (!t && (t = fail_calloc(1, sizeof *t))) {
		snprintf(t->path, sizeof t->path, "%s", path);
		t->next = taps;
		taps = t;
	}
	return t;
}

static void tap_leave(feed *f)
{
	feed **at = &f->tap->feeds;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	if (f->tap->feeds)
		return;
	tap **from = &taps;
	while (*from != f->tap)
		from = &(*from)->next;
	*from = f->tap->next;
	journal_reader_close(f->tap->reader);
	free(f->tap);
}

/* Up to where every instance has what is its. */
static void tap_settle(tap *t)
{
	uint64_t seq = UINT64_MAX;
	for (const feed *f = t->feeds; f; f = f->next)
		seq = f->settled < seq ? f->settled : seq;
	hub_fault fault;
	/* Opened late: a journal that holds no record yet may still change its epoch. */
	if (seq <= t->acked || (!t->reader && journal_reader_open(t->path, &t->reader, &fault) != HUB_OK))
		return;
	if (journal_ack(t->reader, seq) == HUB_OK)
		t->acked = seq;
}

static void stranger(feed *f, const char *party)
{
	tap *t = f->tap;
	for (const feed *other = t->feeds; other; other = other->next)
		if (!strcmp(other->party, party))
			return;
	int64_t now = clock_monotonic();
	if (f != t->feeds)
		return; /* one of them counts */
	t->strangers++;
	if (t->strangers_said && now - t->strangers_said < STRANGERS_SAID)
		return;
	t->strangers_said = now;
	log_warn("%s: party '%.64s' has no instance that reads it: its messages are passed over (%" PRIu64 " so far)", t->path,
		 party, t->strangers);
}

/* Into failed/, where an operator finds it. */
static bool put_aside(const feed *f, const message *m)
{
	char path[4096];
	const keeper *in = f->t.in;
	snprintf(path, sizeof path, "%s/failed", in->host->state_dir);
	mkdir(path, 0750);
	snprintf(path, sizeof path, "%s/failed/%s-%" PRIu64, in->host->state_dir, in->name, m->seq);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0640);
	bool good = fd >= 0 && write(fd, m->bytes, m->len) == (ssize_t)m->len && fdatasync(fd) == 0;
	if (fd >= 0)
		close(fd);
	return good;
}

static void again(feed *f, message *m)
{
	m->state = QUEUED;
	f->came_back = true;
}

static void give_up(feed *f, message *m, const char *reason)
{
	if (put_aside(f, m))
		m->state = KEPT;
	else
		again(f, m);
	keeper_error(f->t.in, "message %" PRIu64 ": %.100s; %s", m->seq, reason,
		     m->state == KEPT ? "kept in failed/" : "it comes again");
}

static void on_line_closed(line *l, const char *reason)
{
	message *m = l->own;
	keeper *in = l->in;
	feed *f = (feed *)in->transport;
	m->line = NULL;
	again(f, m);
	f->open--;
	if (in->pid)
		give_up(f, m, reason ? reason : "the adapter gave up");
}

static void document_done(transport *t, line *l)
{
	feed *f = (feed *)t;
	message *m = l->own;
	l->closed = NULL;
	m->line = NULL;
	f->open--;
	f->careful -= f->careful > 0;
	m->state = WAITING;
	if (!promise_give(t->in, 0, 0, m, NULL, 0))
		again(f, m);
}

static void document_kept(transport *t, void *document, bool kept)
{
	message *m = document;
	feed *f = (feed *)t;
	m->state = KEPT;
	if (!kept)
		again(f, m);
	f->unkept |= !kept;
}

static hub_status start(transport *t, hub_fault *fault)
{
	(void)fault;
	((feed *)t)->due = 0;
	return HUB_OK;
}

static void stop(transport *t, bool crashed)
{
	feed *f = (feed *)t;
	message *m = f->first;
	size_t queued = 0;
	while (m && m->state != QUEUED)
		m = m->next;
	for (const message *n = m; n; n = n->next)
		queued += n->state == QUEUED;
	if (m && crashed && !f->unkept && f->careful) {
		f->crashes = f->suspect == m->seq ? f->crashes + 1 : 1;
		f->suspect = m->seq;
		if (f->crashes >= CRASHES)
			give_up(f, m, "the adapter died over it");
	}
	if (crashed)
		f->careful = queued < SESSIONS_MAX ? queued : SESSIONS_MAX;
	f->unkept = false;
}

static void dispatch(feed *f, message *m)
{
	arena a;
	wire_message w;
	char address[LINE_ADDRESS];
	arena_init(&a, 0);
	if (wire_message_unpack(m->bytes, m->len, &a, &w, NULL) == HUB_OK) {
		m->line = line_open(f->t.in, -1, utf8_clean(w.topic, address, sizeof address), m, on_line_closed);
		if (m->line) {
			m->state = READING;
			f->open++;
			line_input(m->line, w.payload, w.payload_len, true);
		}
	}
	arena_fini(&a);
}

static hub_status queue(feed *f, uint64_t seq, const uint8_t *bytes, size_t len)
{
	message *m = fail_malloc(sizeof *m + len);
	if (!m)
		return HUB_NOMEM;
	*m = (message){ .state = QUEUED, .seq = seq, .len = len };
	memcpy(m->bytes, bytes, len);
	*(f->first ? &f->last->next : &f->first) = m;
	f->last = m;
	f->pending++;
	f->pending_bytes += len;
	return HUB_OK;
}

/* Whose it is; what is not a message is nobody's. */
static hub_status sort(feed *f, uint64_t seq, const uint8_t *bytes, size_t len)
{
	arena a;
	wire_message w;
	arena_init(&a, 0);
	hub_status st = wire_message_unpack(bytes, len, &a, &w, NULL);
	if (st == HUB_OK && !strcmp(w.identity, f->party))
		st = queue(f, seq, bytes, len);
	else if (st == HUB_OK)
		stranger(f, w.identity);
	else if (st == HUB_REJECT && f == f->tap->feeds)
		log_error("%s: record %" PRIu64 " is damaged", f->tap->path, seq);
	arena_fini(&a);
	return st == HUB_REJECT ? HUB_OK : st;
}

static hub_status fetch(feed *f)
{
	hub_fault fault;
	uint64_t first;
	size_t count;
	if (!f->reader && journal_reader_open(f->tap->path, &f->reader, &fault) != HUB_OK)
		return HUB_MISSING; /* the broker has not begun */
	buf_clear(&f->batch);
	f->at = 0;
	hub_status st = journal_read(f->reader, f->wanted, READ_BYTES, READ_RECORDS, &f->batch, &first, &count);
	if (st != HUB_OK) {
		buf_clear(&f->batch);
		return st;
	}
	f->batch_seq = first;
	return HUB_OK;
}

static bool has_room(const feed *f)
{
	return f->pending < PENDING_MAX && f->pending_bytes < PENDING_BYTES;
}

/* Takes in what there is room for; HUB_MISSING: all of it. */
static hub_status take_in(feed *f)
{
	hub_status st = HUB_OK;
	while (st == HUB_OK && has_room(f)) {
		if (f->at == f->batch.len) {
			st = fetch(f);
			continue;
		}
		hub_reader r = hub_reader_of(f->batch.bytes + f->at, f->batch.len - f->at);
		size_t len;
		const uint8_t *bytes = frame_blob(&r, &len);
		st = sort(f, f->batch_seq, bytes, len);
		if (st != HUB_OK)
			break;
		f->at = f->batch.len - hub_reader_left(&r);
		f->wanted = ++f->batch_seq;
	}
	return st;
}

static void settle(feed *f)
{
	while (f->first && f->first->state == KEPT) {
		message *m = f->first;
		f->first = m->next;
		f->next_up = f->next_up == m ? m->next : f->next_up;
		f->pending--;
		f->pending_bytes -= m->len;
		free(m);
	}
	if (f->first)
		f->settled = f->first->seq - 1;
	else if (f->wanted)
		f->settled = f->wanted - 1;
	tap_settle(f->tap);
}

/* As many as may be open at once; whether more wait. What is on its way is not looked at again and again. */
static bool dispatch_all(feed *f)
{
	message *m = f->next_up && !f->came_back ? f->next_up : f->first, *left = NULL;
	f->came_back = false;
	for (; m && f->open < (f->careful ? 1 : SESSIONS_MAX) && keeper_accepts(f->t.in); m = m->next) {
		if (m->state == QUEUED)
			dispatch(f, m);
		if (m->state == QUEUED && !left)
			left = m;
	}
	while (!left && m) {
		left = m->state == QUEUED ? m : NULL;
		m = m->next;
	}
	f->next_up = left ? left : f->first ? f->last : NULL;
	return left;
}

static int64_t tick(transport *t, int64_t now)
{
	feed *f = (feed *)t;
	if (now >= f->due) {
		hub_status st = take_in(f);
		bool failed = st != HUB_OK && st != HUB_MISSING;
		if (failed) {
			keeper_error(t->in, "%.150s cannot be read: %s", f->tap->path, hub_status_name(st));
			journal_reader_close(f->reader);
			f->reader = NULL;
		}
		f->due = now + (failed ? AFTER_FAILURE : IDLE);
	}
	bool waiting = dispatch_all(f);
	settle(f);
	int64_t soon = now + 1000;
	return waiting && soon < f->due ? soon : f->due;
}

static bool is_through(transport *t, bool leaving)
{
	feed *f = (feed *)t;
	int64_t now = clock_monotonic();
	journal_state kept;
	if (!leaving)
		f->until = 0;
	if (!leaving || (f->until && f->settled + 1 >= f->until))
		return leaving;
	if (f->until && now - f->looked < AFTER_FAILURE)
		return false;
	hub_status st = journal_stat(f->tap->path, &kept);
	if (st != HUB_OK)
		return st == HUB_MISSING; /* no broker has ever written it */
	/* A journal made anew in between counts from its own beginning. */
	if (!f->until || kept.next < f->until)
		f->until = kept.next;
	f->looked = now;
	return kept.first >= f->until || f->settled + 1 >= f->until;
}

static void feed_free(transport *t)
{
	feed *f = (feed *)t;
	for (message *m = f->first, *next; m; m = next) {
		next = m->next;
		free(m);
	}
	journal_reader_close(f->reader);
	buf_fini(&f->batch);
	if (f->tap)
		tap_leave(f);
	loop_free(&t->in->host->loop, f);
}

const char *messages_path(const transport *t)
{
	return ((const feed *)t)->tap->path;
}

transport *messages_new(keeper *in)
{
	char path[1024];
	feed *f = fail_calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->t = (transport){ .start = start, .stop = stop, .tick = tick, .document_done = document_done,
			    .document_kept = document_kept, .free = feed_free, .is_through = is_through, .in = in };
	f->party = config_text(&in->config, "party", "");
	snprintf(path, sizeof path, "%s/../journal/mqtt", in->host->state_dir);
	if (!(f->tap = tap_of(config_text(&in->config, "path", path)))) {
		free(f);
		return NULL;
	}
	f->next = f->tap->feeds;
	f->tap->feeds = f;
	return &f->t;
}
