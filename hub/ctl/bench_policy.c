#include "base/clock.h"
#include "ctl/bench.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>

/*
 * 200 policies over twenty roles, of which 50 pass the scope filter of each request; principals,
 * resources and actions have three levels of parents; nothing is remembered between decisions.
 */
enum { POLICIES = 200, MATCHING = 50, PARTIES = 64, POINTS = 256, RUNS = 5, DECISIONS = 20000 };

static const char *const conditions[] = {
	"resource.commodity == principal.commodity",
	"principal.level >= 3 && resource.area == principal.area",
	"resource.owner == principal",
	"principal.purposes.contains(\"billing\")",
	"context.granularity >= 900 && !resource.personal",
	"resource in Hub::Area::\"city\"",
	"resource has contract && resource.contract == \"full\"",
	"resource.commodity == \"water\" || resource.commodity == \"gas\"",
};
enum { CONDITIONS = sizeof conditions / sizeof *conditions };

static hub_status build_set(policy_set **ret, hub_fault *fault)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	if (!f)
		return HUB_NOMEM;
	for (int i = 0; i < POLICIES; i++) {
		const char *effect = i % 10 == 9 ? "forbid" : "permit";
		if (i % (POLICIES / MATCHING) == 0)
			fprintf(f, "%s (principal in Hub::Role::\"%s\", action in Hub::Action::\"view\", resource is Hub::Point)",
				effect, i % 8 ? "supplier" : "utility");
		else
			fprintf(f, "%s (principal in Hub::Role::\"role%d\", action == Hub::Action::\"act%d\", resource)", effect,
				i % 20, i % 7);
		fprintf(f, " when { %s };\n", conditions[i / (POLICIES / MATCHING) % CONDITIONS]);
	}
	fclose(f);
	policy_source source = { policy_text_of("bench.cedar"), { text, len } };
	hub_status st = policy_set_parse(&source, 1, ret, fault);
	free(text);
	return st;
}

static void write_entities(FILE *f)
{
	static const char *const commodities[] = { "water", "gas", "electricity" };
	fprintf(f, "[{\"uid\":\"Hub::Action::\\\"read\\\"\",\"parents\":[\"Hub::Action::\\\"view\\\"\"]},"
		   "{\"uid\":\"Hub::Action::\\\"view\\\"\",\"parents\":[\"Hub::Action::\\\"any\\\"\"]},"
		   "{\"uid\":\"Hub::Role::\\\"supplier\\\"\",\"parents\":[\"Hub::Role::\\\"utility\\\"\"]},"
		   "{\"uid\":\"Hub::Role::\\\"utility\\\"\",\"parents\":[\"Hub::Role::\\\"party\\\"\"]},"
		   "{\"uid\":\"Hub::Area::\\\"estate\\\"\",\"parents\":[\"Hub::Area::\\\"district\\\"\"]},"
		   "{\"uid\":\"Hub::Area::\\\"district\\\"\",\"parents\":[\"Hub::Area::\\\"city\\\"\"]}");
	for (int i = 0; i < PARTIES; i++)
		fprintf(f, ",{\"uid\":\"Hub::Party::\\\"party%d\\\"\",\"parents\":[\"Hub::Role::\\\"supplier\\\"\"],\"attrs\":"
			   "{\"commodity\":\"%s\",\"level\":%d,\"area\":\"a%d\",\"purposes\":[\"billing\",\"planning\"]}}",
			i, commodities[i % 3], i % 6, i % 4);
	for (int i = 0; i < POINTS; i++)
		fprintf(f, ",{\"uid\":\"Hub::Point::\\\"point%d\\\"\",\"parents\":[\"Hub::Area::\\\"estate\\\"\"],\"attrs\":"
			   "{\"commodity\":\"%s\",\"area\":\"a%d\",\"personal\":%s,\"owner\":{\"__entity\":"
			   "{\"type\":\"Hub::Party\",\"id\":\"party%d\"}}}}",
			i, commodities[i % 3], i % 4, i % 2 ? "true" : "false", i % PARTIES);
	fprintf(f, "]");
}

static hub_status build_entities(policy_entities **ret, hub_fault *fault)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	if (!f)
		return HUB_NOMEM;
	write_entities(f);
	fclose(f);
	hub_status st = policy_entities_parse(text, len, ret, fault);
	free(text);
	return st;
}

static hub_status run(const policy_set *set, const policy_entities *entities, double *ret_us)
{
	static char party_ids[PARTIES][16], point_ids[POINTS][16];
	for (int i = 0; i < PARTIES; i++)
		snprintf(party_ids[i], sizeof party_ids[i], "party%d", i);
	for (int i = 0; i < POINTS; i++)
		snprintf(point_ids[i], sizeof point_ids[i], "point%d", i);
	policy_value granularity = { .kind = POLICY_LONG, .number = 3600 };
	policy_attr attr = { policy_text_of("granularity"), &granularity };
	policy_value context = { .kind = POLICY_RECORD, .record = { &attr, 1 } };
	policy_request request = {
		.principal.type = policy_text_of("Hub::Party"),
		.action = { policy_text_of("Hub::Action"), policy_text_of("read") },
		.resource.type = policy_text_of("Hub::Point"),
		.context = &context,
	};
	arena a;
	hub_status st = HUB_OK;
	arena_init(&a, 0);
	int64_t from = clock_monotonic();
	for (int i = 0; st == HUB_OK && i < DECISIONS; i++) {
		policy_decision d;
		request.principal.id = policy_text_of(party_ids[i % PARTIES]);
		request.resource.id = policy_text_of(point_ids[i * 7 % POINTS]);
		st = policy_decide(set, entities, NULL, &request, &a, &d);
		if (st == HUB_OK && d.error_count)
			st = HUB_FAILED;
		arena_reset(&a);
	}
	*ret_us = (double)(clock_monotonic() - from) / DECISIONS;
	arena_fini(&a);
	return st;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

hub_status bench_decide(bench *b, hub_fault *fault)
{
	policy_set *set = NULL;
	policy_entities *entities = NULL;
	double us[RUNS];
	hub_status st = build_set(&set, fault);
	if (st == HUB_OK)
		st = build_entities(&entities, fault);
	for (int i = 0; st == HUB_OK && i < RUNS; i++)
		st = run(set, entities, &us[i]);
	if (st == HUB_OK) {
		qsort(us, RUNS, sizeof *us, rising);
		bench_report(b, "decide", us[RUNS / 2], "us", NULL, 0);
	}
	policy_entities_free(entities);
	policy_set_free(set);
	return st;
}
