#include "leg.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fail.h"

enum { CHUNK = 64 * 1024 };

typedef struct parcel {
	uv_write_t write;
	size_t len;
	uint8_t bytes[];
} parcel;

/* One thread, and libuv hands a buffer over before it asks for the next. */
static char incoming[CHUNK];

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
	(void)handle;
	(void)suggested;
	*ret = uv_buf_init(incoming, sizeof incoming);
}

static void on_read(uv_stream_t *pipe, ssize_t n, const uv_buf_t *b)
{
	leg *l = pipe->data;
	if (l->closing || n == 0)
		return;
	if (n < 0)
		uv_read_stop(pipe);
	l->on_bytes(l, (const uint8_t *)b->base, n < 0 ? 0 : (size_t)n);
}

bool leg_open(leg *l, uv_loop_t *loop, int *ret_other)
{
	int pair[2];
	/* The loop knows the handle from here on: whatever happens, it must be closed. */
	uv_pipe_init(loop, &l->pipe, 0);
	l->pipe.data = l;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair)) {
		leg_close(l);
		return false;
	}
	if (uv_pipe_open(&l->pipe, pair[0])) {
		close(pair[0]);
		close(pair[1]);
		leg_close(l);
		return false;
	}
	uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read);
	*ret_other = pair[1];
	return true;
}

static void on_written(uv_write_t *write, int status)
{
	leg *l = write->handle->data;
	size_t len = ((parcel *)write)->len;
	(void)status; /* a broken one ends by what is read */
	free(write);
	l->queued -= len;
	if (!l->closing)
		l->on_taken(l, len);
}

bool leg_write(leg *l, const void *bytes, size_t len)
{
	if (l->closing)
		return false;
	parcel *p = fail_calloc(1, sizeof *p + len);
	if (!p)
		return false;
	memcpy(p->bytes, bytes, len);
	p->len = len;
	uv_buf_t b = uv_buf_init((char *)p->bytes, (unsigned)len);
	if (uv_write(&p->write, (uv_stream_t *)&l->pipe, &b, 1, on_written)) {
		free(p);
		return false;
	}
	l->queued += len;
	return true;
}

void leg_pause(leg *l, bool paused)
{
	if (l->closing || l->paused == paused)
		return;
	l->paused = paused;
	if (paused)
		uv_read_stop((uv_stream_t *)&l->pipe);
	else
		uv_read_start((uv_stream_t *)&l->pipe, on_alloc, on_read);
}

static void on_closed(uv_handle_t *handle)
{
	leg *l = handle->data;
	l->on_free(l);
}

void leg_close(leg *l)
{
	if (l->closing)
		return;
	l->closing = true;
	uv_close((uv_handle_t *)&l->pipe, on_closed);
}
