#include "sim/websocket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10, PATIENCE = 5000 /* ms */ };

void websocket_close(websocket *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	w->len = 0;
}

static void base64(const char *text, char *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t len = strlen(text);
	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)(uint8_t)text[i] << 16;
		v |= i + 1 < len ? (uint32_t)(uint8_t)text[i + 1] << 8 : 0;
		v |= i + 2 < len ? (uint8_t)text[i + 2] : 0;
		*out++ = letters[v >> 18];
		*out++ = letters[v >> 12 & 63];
		*out++ = i + 1 < len ? letters[v >> 6 & 63] : '=';
		*out++ = i + 2 < len ? letters[v & 63] : '=';
	}
	*out = '\0';
}

static bool put(websocket *w, const void *bytes, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = send(w->fd, (const char *)bytes + sent, len - sent, MSG_NOSIGNAL);
		if (n <= 0 && errno != EINTR) {
			websocket_close(w);
			return false;
		}
		sent += n > 0 ? (size_t)n : 0;
	}
	return true;
}

/* Until the head of the answer is whole; what comes behind it stays. */
static bool let_in(websocket *w)
{
	for (;;) {
		struct pollfd p = { w->fd, POLLIN, 0 };
		const uint8_t *end = memmem(w->bytes, w->len, "\r\n\r\n", 4);
		if (end) {
			bool good = !memcmp(w->bytes, "HTTP/1.1 101", 12);
			w->len -= (size_t)(end + 4 - w->bytes);
			memmove(w->bytes, end + 4, w->len);
			return good;
		}
		if (w->len == sizeof w->bytes || poll(&p, 1, PATIENCE) != 1)
			return false;
		ssize_t n = recv(w->fd, w->bytes + w->len, sizeof w->bytes - w->len, 0);
		if (n <= 0)
			return false;
		w->len += (size_t)n;
	}
}

bool websocket_dial(websocket *w, const char *target, const char *path, const char *protocol, const char *user,
		    const char *password)
{
	char head[1024], pair[200], word[300], host[64];
	const char *colon = strrchr(target, ':');
	struct sockaddr_in to = { .sin_family = AF_INET };
	w->len = 0;
	w->fd = -1;
	if (!colon || (size_t)(colon - target) >= sizeof host)
		return false;
	snprintf(host, sizeof host, "%.*s", (int)(colon - target), target);
	to.sin_port = htons((uint16_t)atoi(colon + 1));
	snprintf(pair, sizeof pair, "%s:%s", user, password);
	base64(pair, word);
	int n = snprintf(head, sizeof head,
			 "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
			 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Protocol: %s\r\nAuthorization: Basic %s\r\n\r\n",
			 path, target, protocol, word);
	if (n < 0 || (size_t)n >= sizeof head || inet_pton(AF_INET, host, &to.sin_addr) != 1)
		return false;
	w->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (w->fd >= 0 && !connect(w->fd, (struct sockaddr *)&to, sizeof to) && put(w, head, (size_t)n) && let_in(w))
		return true;
	websocket_close(w);
	return false;
}

/* The mask may be anything; this one changes nothing. */
static bool frame(websocket *w, int opcode, const void *bytes, size_t len)
{
	uint8_t head[8] = { (uint8_t)(0x80 | opcode), (uint8_t)(0x80 | (len < 126 ? len : 126)) };
	size_t n = 6;
	if (len >= 126) {
		head[2] = (uint8_t)(len >> 8);
		head[3] = (uint8_t)len;
		n = 8;
	}
	return len < 65536 && put(w, head, n) && put(w, bytes, len);
}

bool websocket_say(websocket *w, const char *text, size_t len)
{
	return w->fd >= 0 && frame(w, TEXT, text, len);
}

/* Whole frames that have come; false: it is over. */
static bool frames(websocket *w, websocket_heard heard, void *user)
{
	size_t at = 0;
	bool good = true;
	while (good && w->fd >= 0 && w->len - at >= 2) {
		const uint8_t *b = w->bytes + at;
		size_t head = 2, len = b[1] & 0x7f;
		if (len == 126) {
			len = w->len - at >= 4 ? (size_t)(b[2] << 8 | b[3]) : sizeof w->bytes;
			head = 4;
		}
		/* 64 bits of length, a mask, or pieces: no message of a central system. */
		good = len != 127 && !(b[1] & 0x80) && (b[0] & 0x80);
		if (!good || w->len - at < head + len)
			break;
		if ((b[0] & 15) == TEXT)
			heard(user, (const char *)b + head, len);
		else if ((b[0] & 15) == PING)
			good = frame(w, PONG, b + head, len);
		else if ((b[0] & 15) == CLOSE)
			good = false;
		at += head + len;
	}
	if (w->fd >= 0) {
		w->len -= at;
		memmove(w->bytes, w->bytes + at, w->len);
	}
	return good && w->fd >= 0 && w->len < sizeof w->bytes;
}

bool websocket_hear(websocket *w, websocket_heard heard, void *user)
{
	ssize_t n = recv(w->fd, w->bytes + w->len, sizeof w->bytes - w->len, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	w->len += n > 0 ? (size_t)n : 0;
	if (n > 0 && frames(w, heard, user))
		return true;
	websocket_close(w);
	return false;
}
