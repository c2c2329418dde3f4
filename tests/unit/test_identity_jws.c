/* Detached signatures: hold for their own body and key, and for nothing else. */
#include "unit.h"

#include "identity/jws.h"

#include <string.h>

static const char body[] = "{\"id\":\"7-41\"}";
static const jws_head head = { "hub-delivery", "7-41", "https://recipient.example/in", 1764000000000000 };

static void a_signature_holds_for_its_body_alone(void **unused)
{
	(void)unused;
	jwt_keys *keys;
	jws_signer *signer;
	arena a;
	const char *text;
	jws_head found;
	arena_init(&a, 0);
	assert_int_equal(jwt_keys_new(&keys), HUB_OK);
	assert_int_equal(jws_signer_new(keys, &signer), HUB_OK);
	for (size_t len = 0; len < sizeof body; len++) {
		assert_int_equal(jws_sign(signer, &head, body, len, &a, &text), HUB_OK);
		assert_int_equal(jws_check(keys, text, body, len, &a, &found), HUB_OK);
		assert_string_equal(found.id, head.id);
		assert_string_equal(found.audience, head.audience);
		assert_int_equal(found.issued, head.issued);
		assert_int_equal(jws_check(keys, text, "x", 1, &a, &found), HUB_DENIED);
	}
	assert_int_equal(jws_check(keys, "", body, 1, &a, &found), HUB_DENIED);
	assert_int_equal(jws_check(keys, "e30..AAAA", body, 1, &a, &found), HUB_DENIED);
	jws_signer_free(signer);
	jwt_keys_free(keys);
	arena_fini(&a);
}

static void a_key_that_was_rotated_out_of_first_place_still_verifies(void **unused)
{
	(void)unused;
	jwt_keys *old, *fresh, *gone;
	jws_signer *before, *after;
	arena a;
	const char *early, *late;
	jws_head found;
	arena_init(&a, 0);
	assert_int_equal(jwt_keys_new(&old), HUB_OK);
	assert_int_equal(jwt_keys_rotate(old, 1, &fresh), HUB_OK);
	assert_int_equal(jwt_keys_rotate(fresh, 1, &gone), HUB_OK);
	assert_int_equal(jws_signer_new(old, &before), HUB_OK);
	assert_int_equal(jws_signer_new(fresh, &after), HUB_OK);
	assert_int_equal(jws_sign(before, &head, body, sizeof body, &a, &early), HUB_OK);
	assert_int_equal(jws_sign(after, &head, body, sizeof body, &a, &late), HUB_OK);
	assert_int_equal(jws_check(fresh, early, body, sizeof body, &a, &found), HUB_OK);
	assert_int_equal(jws_check(fresh, late, body, sizeof body, &a, &found), HUB_OK);
	assert_int_equal(jws_check(old, late, body, sizeof body, &a, &found), HUB_DENIED);
	assert_int_equal(jws_check(gone, late, body, sizeof body, &a, &found), HUB_OK);
	assert_int_equal(jws_check(gone, early, body, sizeof body, &a, &found), HUB_DENIED);
	jws_signer_free(before);
	jws_signer_free(after);
	jwt_keys_free(old);
	jwt_keys_free(fresh);
	jwt_keys_free(gone);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_holds_for_its_body_alone),
		cmocka_unit_test(a_key_that_was_rotated_out_of_first_place_still_verifies),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
