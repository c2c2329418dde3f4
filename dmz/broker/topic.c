#include "topic.h"

#include <string.h>

static const char ROOT[] = "hub/v1/";

/* A level without wildcards, control characters or a leading `$`. Its length; 0: not one. */
static size_t plain_level(const char *p)
{
	size_t n = 0;
	for (; p[n] && p[n] != '/'; n++)
		if (p[n] == '+' || p[n] == '#' || p[n] == '$' || (unsigned char)p[n] < 0x20 || p[n] == 0x7f)
			return 0;
	return n;
}

static bool rest_is_plain(const char *p)
{
	while (*p) {
		size_t n = plain_level(p);
		if (!n)
			return false;
		p += n;
		if (*p == '/' && !*++p)
			return false;
	}
	return true;
}

static bool read(const char *text, bool wildcards, topic *ret)
{
	topic t;
	if (!text || strnlen(text, TOPIC_MAX + 1) > TOPIC_MAX || strncmp(text, ROOT, sizeof ROOT - 1) != 0)
		return false;
	t.party = text + sizeof ROOT - 1;
	t.party_len = plain_level(t.party);
	if (!t.party_len || t.party[t.party_len] != '/')
		return false;
	t.branch = t.party + t.party_len + 1;
	t.branch_len = plain_level(t.branch);
	if (!t.branch_len)
		return false;
	t.rest = t.branch + t.branch_len;
	if (*t.rest == '/' && !*++t.rest)
		return false;
	t.rest_len = strlen(t.rest);
	if (!wildcards && !rest_is_plain(t.rest))
		return false;
	*ret = t;
	return true;
}

bool topic_read(const char *text, topic *ret)
{
	return read(text, false, ret);
}

bool topic_filter_read(const char *text, topic *ret)
{
	return read(text, true, ret);
}

bool topic_is(const topic *t, const char *branch)
{
	return strlen(branch) == t->branch_len && !memcmp(t->branch, branch, t->branch_len);
}
