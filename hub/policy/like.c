#include "policy/like.h"

/* Greedy with one point to fall back to: at most text × pattern steps, no recursion. */
bool like_match(policy_text text, policy_text pattern, const bool *stars)
{
	size_t t = 0, p = 0, back_t = 0, back_p = SIZE_MAX;
	while (t < text.len) {
		if (p < pattern.len && stars[p]) {
			back_p = p++;
			back_t = t;
		} else if (p < pattern.len && pattern.p[p] == text.p[t]) {
			p++;
			t++;
		} else if (back_p != SIZE_MAX) {
			p = back_p + 1;
			t = ++back_t;
		} else {
			return false;
		}
	}
	while (p < pattern.len && stars[p])
		p++;
	return p == pattern.len;
}
