/* The message provider: a plain HTTP endpoint for webhooks, which writes down whom it would have told what. */
#include <arpa/inet.h>
#include <jansson.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "peers/peer.h"

enum { REQUEST_MAX = 1 << 20, PATIENCE = 10 };

static void answer(int fd, const char *body)
{
	char text[512];
	int n = snprintf(text, sizeof text,
			 "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: "
			 "%zu\r\n\r\n%s",
			 strlen(body), body);
	if (n > 0 && (size_t)n < sizeof text && write(fd, text, (size_t)n) != n)
		fprintf(stderr, "messages: an answer was lost\n");
}

static void tell(const char *whom, const json_t *message)
{
	size_t i, k;
	const json_t *entry, *item;
	json_array_foreach (json_object_get(message, "entries"), i, entry)
		json_array_foreach (json_object_get(entry, "items"), k, item) {
			const json_t *body = json_object_get(item, "body");
			const char *kind = json_string_value(json_object_get(body, "kind")),
				   *title = json_string_value(json_object_get(body, "title_zh"));
			if (kind)
				printf("短信 message to %s: %s %s\n", whom, kind, title ? title : "");
		}
	fflush(stdout);
}

/* The head has come whole; its body, once it has too. */
static const char *body_of(const char *text, size_t len, size_t *ret_len)
{
	const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
	*ret_len = length && end && length < end ? (size_t)strtoul(length + 17, NULL, 10) : 0;
	return end && len >= (size_t)(end + 4 - text) + *ret_len ? end + 4 : NULL;
}

static void serve(int fd, char *text)
{
	char whom[64] = "";
	size_t len = 0, body_len = 0;
	const char *body = NULL;
	while (!body && len < REQUEST_MAX) {
		ssize_t n = recv(fd, text + len, REQUEST_MAX - len, 0);
		if (n <= 0)
			return;
		len += (size_t)n;
		text[len] = '\0';
		body = body_of(text, len, &body_len);
	}
	sscanf(text, "POST /%63[^ ?]", whom);
	json_t *message = body ? json_loadb(body, body_len, 0, NULL) : NULL;
	const char *challenge = json_string_value(json_object_get(message, "challenge"));
	if (!challenge)
		tell(whom, message);
	answer(fd, challenge ? challenge : "ok");
	json_decref(message);
}

static void *run(void *user)
{
	int listener = (int)(intptr_t)user;
	char *text = malloc(REQUEST_MAX + 1);
	const struct timeval patience = { .tv_sec = PATIENCE };
	while (text) {
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		serve(fd, text);
		close(fd);
	}
	return NULL;
}

bool peer_messages_listen(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pthread_t thread;
	if (fd < 0)
		return false;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (!bind(fd, (struct sockaddr *)&at, sizeof at) && !listen(fd, 16) &&
	    !pthread_create(&thread, NULL, run, (void *)(intptr_t)fd)) {
		pthread_detach(thread);
		return true;
	}
	close(fd);
	return false;
}
