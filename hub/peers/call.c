#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "peers/peer.h"

enum { ANSWER_MAX = 4 << 20, PATIENCE = 30, FEED_PAGE = 100 };

typedef struct answer {
	char *text;
	size_t len;
} answer;

static size_t on_body(char *bytes, size_t one, size_t count, void *user)
{
	answer *a = user;
	size_t len = one * count;
	char *more = a->len + len < ANSWER_MAX ? realloc(a->text, a->len + len + 1) : NULL;
	if (!more)
		return 0;
	memcpy(more + a->len, bytes, len);
	a->text = more;
	a->len += len;
	return len;
}

const char *peer_time(int64_t second, char ret[24])
{
	time_t t = (time_t)second;
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(ret, 24, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return ret;
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
	char line[PEER_WORD + 64];
	snprintf(line, sizeof line, "%s: %s", name, value);
	return curl_slist_append(list, line);
}

static void identify(peer *p, struct curl_slist **headers, char files[3][512])
{
	static const char *const names[3] = { "ca.pem", "city-%s.crt", "city-%s.key" };
	char bearer[PEER_WORD + 16];
	if (!p->kind->certificate) {
		snprintf(bearer, sizeof bearer, "Bearer %s", p->token);
		*headers = add_header(*headers, "Authorization", bearer);
		return;
	}
	for (int i = 0; i < 3; i++) {
		char name[80];
		snprintf(name, sizeof name, i ? (i == 1 ? "city-%s.crt" : "city-%s.key") : "%s",
			 i ? p->kind->name : names[0]);
		snprintf(files[i], 512, "%s/%s", p->hub->state, name);
	}
	curl_easy_setopt(p->hub->curl, CURLOPT_CAINFO, files[0]);
	curl_easy_setopt(p->hub->curl, CURLOPT_SSLCERT, files[1]);
	curl_easy_setopt(p->hub->curl, CURLOPT_SSLKEY, files[2]);
}

json_t *peer_post(peer *p, const char *path, const char *type, const char *body, const char *name, long *ret_status)
{
	CURL *c = p->hub->curl;
	char url[4096], files[3][512];
	answer got = { 0 };
	struct curl_slist *headers = NULL;
	*ret_status = 0;
	if (p->kind->certificate && !p->hub->party_door)
		return NULL;
	snprintf(url, sizeof url, "%s%s", p->kind->certificate ? p->hub->party_door : p->hub->http, path);
	curl_easy_reset(c);
	identify(p, &headers, files);
	if (body)
		headers = add_header(headers, "Content-Type", type);
	if (name)
		headers = add_header(headers, "Idempotency-Key", name);
	curl_easy_setopt(c, CURLOPT_URL, url);
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)PATIENCE);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &got);
	if (body)
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, body);
	CURLcode rc = curl_easy_perform(c);
	if (rc == CURLE_OK)
		curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
	json_t *ret = rc == CURLE_OK && got.len ? json_loadb(got.text, got.len, 0, NULL) : NULL;
	if (rc != CURLE_OK || *ret_status >= 400)
		fprintf(stderr, "%s: %s %s: %ld %s %.300s\n", p->kind->name, body ? "POST" : "GET", path, *ret_status,
			rc == CURLE_OK ? "" : curl_easy_strerror(rc), got.text ? got.text : "");
	p->sent += body && *ret_status >= 200 && *ret_status < 300;
	curl_slist_free_all(headers);
	free(got.text);
	return ret;
}

json_t *peer_call(peer *p, const char *path, const char *body, const char *name, long *ret_status)
{
	return peer_post(p, path, "application/json", body, name, ret_status);
}

static bool hear_entry(peer *p, const json_t *entry, int64_t now)
{
	size_t i;
	const json_t *item;
	bool good = true;
	json_array_foreach (json_object_get(entry, "items"), i, item) {
		const json_t *body = json_object_get(item, "body");
		p->taken++;
		if (good && body && p->kind->heard)
			good = p->kind->heard(p, body, now);
	}
	return good;
}

bool peer_feed(peer *p, int64_t now)
{
	char path[64], body[64];
	long status;
	size_t i, count;
	const json_t *entry;
	snprintf(path, sizeof path, "/v1/feed?limit=%d", FEED_PAGE);
	json_t *feed = peer_call(p, path, NULL, NULL, &status);
	const json_t *entries = json_object_get(feed, "entries");
	int64_t next = json_integer_value(json_object_get(feed, "acknowledged")), was = next;
	count = json_array_size(entries);
	json_array_foreach (entries, i, entry) {
		if (!hear_entry(p, entry, now))
			break;
		next = json_integer_value(json_object_get(entry, "position"));
	}
	/* What lies behind the last entry is not for it. */
	if (i == count && json_integer_value(json_object_get(feed, "next")) > next)
		next = json_integer_value(json_object_get(feed, "next"));
	json_decref(feed);
	if (status != 200)
		return false;
	if (next > was) {
		snprintf(body, sizeof body, "{\"position\":%lld}", (long long)next);
		json_decref(peer_call(p, "/v1/feed/dequeue", body, NULL, &status));
	}
	return status == 200;
}
