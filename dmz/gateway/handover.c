#include "handover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"

enum { INSTANCES = 64, CHUNK = 256 * 1024, OUT_MAX = 32 << 20 };
/* µs: how soon a socket that was not there is tried again. */
static const int64_t PAUSE = 200000;

typedef enum phase { AWAY, CONNECTING, THERE, CLOSING } phase;

struct handover {
	handovers *all;
	char instance[HANDOFF_NAME];
	phase phase;
	int64_t tried;
	uv_pipe_t pipe;
	uv_connect_t connect;
	uv_write_t write;
	buf in, out, wire;
	bool writing;
};

struct handovers {
	uv_loop_t *loop;
	const char *directory;
	const handover_calls *calls;
	void *user;
	handover *list[INSTANCES];
	size_t count;
};

handovers *handovers_new(uv_loop_t *loop, const char *directory, const handover_calls *calls, void *user)
{
	handovers *all = fail_calloc(1, sizeof *all);
	if (all)
		*all = (handovers) { .loop = loop, .directory = directory, .calls = calls, .user = user };
	return all;
}

static void on_closed(uv_handle_t *handle)
{
	handover *h = handle->data;
	h->phase = AWAY;
	h->writing = false;
	buf_fini(&h->in);
	buf_fini(&h->out);
	buf_fini(&h->wire);
}

static void lose(handover *h)
{
	if (h->phase == AWAY || h->phase == CLOSING)
		return;
	h->phase = CLOSING;
	h->tried = clock_monotonic();
	uv_close((uv_handle_t *)&h->pipe, on_closed);
	h->all->calls->changed(h->all->user, h, false);
}

void handovers_close(handovers *all)
{
	for (size_t i = 0; all && i < all->count; i++)
		lose(all->list[i]);
}

void handovers_free(handovers *all)
{
	for (size_t i = 0; all && i < all->count; i++)
		free(all->list[i]);
	free(all);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	handover *h = handle->data;
	(void)suggested;
	uint8_t *room = buf_room(&h->in, CHUNK);
	*ret = uv_buf_init((char *)room, room ? CHUNK : 0);
}

static void on_read(uv_stream_t *pipe, ssize_t n, const uv_buf_t *b)
{
	handover *h = pipe->data;
	size_t at = 0;
	handoff frame;
	hub_status st = HUB_AGAIN;
	(void)b;
	if (n < 0) {
		lose(h);
		return;
	}
	buf_took(&h->in, (size_t)n);
	while (h->phase == THERE && (st = handoff_next(&h->in, &at, &frame)) == HUB_OK)
		h->all->calls->heard(h->all->user, &frame);
	buf_drop(&h->in, at);
	if (!h->in.len)
		buf_fini(&h->in);
	if (st == HUB_REJECT)
		lose(h);
}

static void on_connected(uv_connect_t *connect, int status)
{
	handover *h = connect->data;
	if (h->phase != CONNECTING)
		return;
	if (status < 0 || uv_read_start((uv_stream_t *)&h->pipe, on_alloc, on_read) != 0) {
		lose(h);
		return;
	}
	h->phase = THERE;
	log_info("sessions go to instance '%s'", h->instance);
	h->all->calls->changed(h->all->user, h, true);
}

static void begin(handover *h)
{
	char path[sizeof((struct sockaddr_un *)0)->sun_path + 1];
	int64_t now = clock_monotonic();
	if (h->phase != AWAY || (h->tried && now - h->tried < PAUSE))
		return;
	snprintf(path, sizeof path, "%s/%s.session", h->all->directory, h->instance);
	h->tried = now;
	h->phase = CONNECTING;
	uv_pipe_init(h->all->loop, &h->pipe, 0);
	h->pipe.data = h;
	h->connect.data = h;
	uv_pipe_connect(&h->connect, &h->pipe, path, on_connected);
}

/* It becomes part of a path. */
static bool name_valid(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-");
	return n >= 1 && n < HANDOFF_NAME && !name[n];
}

handover *handover_of(handovers *all, const char *instance)
{
	handover *h = NULL;
	for (size_t i = 0; i < all->count && !h; i++)
		if (!strcmp(all->list[i]->instance, instance))
			h = all->list[i];
	if (!h && name_valid(instance) && all->count < INSTANCES && (h = fail_calloc(1, sizeof *h))) {
		h->all = all;
		snprintf(h->instance, sizeof h->instance, "%s", instance);
		all->list[all->count++] = h;
	}
	if (h)
		begin(h);
	return h;
}

bool handover_there(const handover *h)
{
	return h->phase == THERE;
}

bool handover_coming(const handover *h)
{
	return h->phase == CONNECTING;
}

bool handover_put(handover *h, handoff_type type, uint64_t session, const void *body, size_t len)
{
	if (h->phase != THERE)
		return false;
	handoff_put(&h->out, type, session, body, len);
	return !h->out.bad && h->out.len <= OUT_MAX;
}

static void flush(handover *h);

static void on_written(uv_write_t *write, int status)
{
	handover *h = write->data;
	h->writing = false;
	if (status < 0)
		lose(h);
	else
		flush(h);
}

static void flush(handover *h)
{
	if (h->phase != THERE || h->writing || !h->out.len)
		return;
	buf empty = h->wire;
	h->wire = h->out;
	h->out = empty;
	h->out.len = 0;
	uv_buf_t b = uv_buf_init((char *)h->wire.bytes, (unsigned)h->wire.len);
	h->write.data = h;
	h->writing = uv_write(&h->write, (uv_stream_t *)&h->pipe, &b, 1, on_written) == 0;
	if (!h->writing)
		lose(h);
}

void handovers_flush(handovers *all)
{
	for (size_t i = 0; i < all->count; i++)
		flush(all->list[i]);
}
