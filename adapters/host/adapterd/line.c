#include "line.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "transport.h"

line *keeper_line(const keeper *in, uint64_t number)
{
	size_t slot = number % LINES_MAX;
	line *l = slot < in->line_cap ? in->lines[slot] : NULL;
	return l && l->number == number ? l : NULL;
}

/* A free number: its low bits are the place, and no number comes twice in a child's life. */
static bool number_take(keeper *in, line *l)
{
	if (in->line_count == in->line_cap) {
		size_t cap = in->line_cap ? in->line_cap * 2 : 16;
		line **lines = cap <= LINES_MAX ? fail_realloc(in->lines, cap * sizeof *lines) : NULL;
		if (!lines)
			return false;
		memset(lines + in->line_cap, 0, (cap - in->line_cap) * sizeof *lines);
		in->lines = lines;
		in->line_cap = cap;
	}
	size_t slot = 0;
	while (in->lines[slot])
		slot++;
	l->number = ++in->line_next * LINES_MAX + slot;
	in->lines[slot] = l;
	in->line_count++;
	return true;
}

static void flush(line *l)
{
	size_t at = 0;
	while (at < l->out.len) {
		ssize_t n = write(l->w.fd, l->out.bytes + at, l->out.len - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		if (n <= 0) {
			/* What cannot be told is dropped; the reading side sees the end and closes. */
			at = l->out.len;
			l->closing = true;
			break;
		}
		at += (size_t)n;
	}
	buf_drop(&l->out, at);
	bool reading = keeper_accepts(l->in) && !l->ended && !l->closing;
	loop_want(&l->in->host->loop, &l->w, (reading ? EPOLLIN : 0) | (l->out.len ? EPOLLOUT : 0));
}

static void read_peer(line *l)
{
	uint8_t bytes[FRAME_CHUNK];
	ssize_t n = read(l->w.fd, bytes, sizeof bytes);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	l->active = clock_monotonic();
	/* A terminal whose other side closed says EIO; for all of them the document is over. */
	line_input(l, bytes, n > 0 ? (size_t)n : 0, n <= 0);
}

static void on_event(watch *w, uint32_t events)
{
	line *l = w->user;
	if (!l->ended && (events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
		if (keeper_accepts(l->in))
			read_peer(l);
		else if (events & (EPOLLHUP | EPOLLERR))
			line_input(l, NULL, 0, true);
	} else if (events & (EPOLLHUP | EPOLLERR)) {
		buf_clear(&l->out);
		l->closing = true;
	}
	flush(l);
	if (l->closing && !l->out.len)
		line_close(l, "the peer has gone");
}

line *line_open(keeper *in, int fd, const char *address, void *own, void (*closed)(line *, const char *))
{
	line *l = fail_calloc(1, sizeof *l);
	if (l) {
		*l = (line){ .in = in, .w = { .fd = -1, .on = on_event, .user = l }, .active = clock_monotonic() };
		l->own = own;
		l->closed = closed;
		snprintf(l->address, sizeof l->address, "%s", address);
	}
	if (!l || !number_take(in, l) ||
	    (fd >= 0 && !loop_watch(&in->host->loop, &l->w, fd, keeper_accepts(in) ? EPOLLIN : 0))) {
		if (l && keeper_line(in, l->number) == l) {
			in->lines[l->number % LINES_MAX] = NULL;
			in->line_count--;
		}
		if (fd >= 0)
			close(fd);
		free(l);
		return NULL;
	}
	size_t at = frame_begin(&in->out, FRAME_OPEN);
	buf_varint(&in->out, l->number);
	buf_varint(&in->out, in->config.transport);
	buf_str(&in->out, l->address);
	buf_str(&in->out, in->config.transport == HUB_MESSAGE	  ? config_text(&in->config, "party", "")
			  : in->config.transport == HUB_WEBSOCKET ? l->address
								  : "");
	frame_end(&in->out, at);
	return l;
}

void line_close(line *l, const char *reason)
{
	keeper *in = l->in;
	if (in->pid) {
		size_t at = frame_begin(&in->out, FRAME_CLOSE);
		buf_varint(&in->out, l->number);
		frame_end(&in->out, at);
	}
	loop_unwatch(&in->host->loop, &l->w);
	in->lines[l->number % LINES_MAX] = NULL;
	in->line_count--;
	if (l->closed)
		l->closed(l, reason);
	buf_fini(&l->out);
	loop_free(&in->host->loop, l);
}

void line_hang_up(line *l, const char *reason)
{
	l->closing = true;
	if (l->w.fd >= 0)
		flush(l);
	if (!l->out.len)
		line_close(l, reason);
}

void line_settle(line *l)
{
	if (l->done && !l->closing && !l->promises)
		line_hang_up(l, NULL);
}

void line_input(line *l, const uint8_t *bytes, size_t len, bool end)
{
	buf *out = &l->in->out;
	size_t at = frame_begin(out, FRAME_BYTES);
	buf_varint(out, l->number);
	buf_u8(out, end);
	buf_blob(out, bytes, len);
	frame_end(out, at);
	l->ended |= end && !l->deliver;
}

void line_send(line *l, const uint8_t *bytes, size_t len)
{
	if (l->deliver && !l->closing)
		l->deliver(l, bytes, len);
	if (l->w.fd < 0 || l->closing)
		return;
	buf_put(&l->out, bytes, len);
	if (l->out.bad || l->out.len > LINE_OUT_MAX) {
		log_warn("instance '%s': %s does not read its answers: hung up", l->in->name, l->address);
		buf_clear(&l->out);
		line_close(l, "answers are not read");
		return;
	}
	flush(l);
}

void lines_allow(keeper *in, bool reading)
{
	for (size_t i = 0; i < in->line_cap; i++) {
		line *l = in->lines[i];
		if (l && l->w.fd >= 0)
			loop_want(&in->host->loop, &l->w, (reading && !l->ended && !l->closing ? EPOLLIN : 0) |
				  (l->out.len ? EPOLLOUT : 0));
	}
}

void lines_idle(keeper *in, int64_t before)
{
	for (size_t i = 0; i < in->line_cap; i++) {
		line *l = in->lines[i];
		if (l && l->w.fd >= 0 && !l->ended && l->active < before)
			line_input(l, NULL, 0, true);
	}
}

void lines_close(keeper *in, const char *reason)
{
	for (size_t i = 0; i < in->line_cap; i++)
		if (in->lines[i])
			line_close(in->lines[i], reason);
}
