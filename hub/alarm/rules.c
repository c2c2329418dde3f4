#include "alarm/rules.h"

#include <string.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/quantity.h"
#include "rights/rights.h"

enum { PERSON_MAX = 128, NOTE_MAX = 200, HOLD_DAYS = 30 };

#define DAY (INT64_C(86400) * 1000000)

typedef struct kind_row {
	const char *name;
	bool value, needs_point, needs_hold, may_point;
} kind_row;

static const kind_row kinds[] = {
	{ "value_over", true, true, false },	  { "value_under", true, true, false },
	{ "source_silent", false, false, true },  { "delivery_dead", false, false, true },
	{ "charger_fault", false, false, false, true }, { "meter_silent", false, false, true, true },
};

hub_status alarm_may(store *db, const alarm_caller *who, int64_t point_id, const char *action, arena *a, bool *ret)
{
	const rights_case c = { .db = db,
				.rules = who->rules,
				.caller = who->party,
				.who = who->who,
				.action = action,
				.now = clock_now(),
				.arena = a };
	rights *r;
	rights_ruling ruling = { 0 };
	*ret = false;
	hub_status st = rights_new(&c, &r);
	if (st == HUB_OK)
		st = rights_load(r, &point_id, 1);
	const rights_point *p = st == HUB_OK ? rights_of(r, point_id) : NULL;
	if (p)
		st = rights_on(r, p, false, &ruling);
	*ret = st == HUB_OK && ruling.allowed;
	return st;
}

static hub_status denied(hub_fault *fault, const alarm_caller *who, const char *what)
{
	hub_fault_set(fault, "alarm.denied", "point", "no policy lets %s %s here; see policies/points.cedar", who->party->code,
		      what);
	return HUB_DENIED;
}

static hub_status one_of(const char *const *words, size_t count, const char *word, const char *field, hub_fault *fault)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(words[i], word))
			return HUB_OK;
	return hub_fault_set(fault, "alarm.word", field, "'%.40s' is no %s; see docs/faults.md", word, field);
}

static const kind_row *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static hub_status value_of(const quantity *q, const alarm_wish *w, const char *text, const char *field, hub_value *ret,
			   hub_fault *fault)
{
	hub_value v;
	hub_status st = hub_value_parse(text, strlen(text), &v);
	if (st == HUB_OK)
		st = quantity_convert(q, w->unit && *w->unit ? w->unit : q->unit, v, ret);
	return st == HUB_OK ? HUB_OK
			    : hub_fault_set(fault, "alarm.value", field, "%s is a decimal in %s: got '%.40s'", field, q->unit, text);
}

static hub_status read_quantity(const alarm_wish *w, alarm_rule *r, hub_fault *fault)
{
	const quantity *q = quantity_find(w->quantity ? w->quantity : "");
	if (!q)
		return hub_fault_set(fault, "alarm.quantity", "quantity", "'%.40s' is no quantity; see schemas/quantities.json",
				     w->quantity ? w->quantity : "");
	r->quantity = q->number;
	return HUB_OK;
}

static bool two_digits(const char *text, int below, int *ret)
{
	if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
		return false;
	*ret = (text[0] - '0') * 10 + text[1] - '0';
	return *ret < below;
}

/* "HH:MM"; a sign before it is the caller's. */
static bool minutes_of(const char *text, int *ret)
{
	int hour, minute;
	if (!two_digits(text, 24, &hour) || text[2] != ':' || !two_digits(text + 3, 60, &minute))
		return false;
	*ret = hour * 60 + minute;
	return true;
}

static hub_status read_quiet(const alarm_wish *w, alarm_rule *r, hub_fault *fault)
{
	enum { SPAN = 11, WHOLE = 17, CHINA = 480, DAY_MINUTES = 1440 };
	const char *text = w->quiet ? w->quiet : "";
	const size_t n = strlen(text);
	int from, to, offset = CHINA;
	if (w->escalate < 0 || w->escalate > HOLD_DAYS * DAY)
		return hub_fault_set(fault, "alarm.hold", "escalate", "a time up to %d days", HOLD_DAYS);
	r->escalate = w->escalate;
	if (!n)
		return HUB_OK;
	bool good = (n == SPAN || n == WHOLE) && minutes_of(text, &from) && text[5] == '-' && minutes_of(text + 6, &to) && from != to;
	if (good && n == WHOLE) {
		good = (text[SPAN] == '+' || text[SPAN] == '-') && minutes_of(text + SPAN + 1, &offset);
		offset = text[SPAN] == '-' ? -offset : offset;
	}
	if (!good)
		return hub_fault_set(fault, "alarm.quiet", "quiet", "'%.40s' is no time such as 22:00-07:00 or 22:00-07:00+08:00", text);
	r->quiet_from = (int16_t)((from - offset + 2 * DAY_MINUTES) % DAY_MINUTES);
	r->quiet_to = (int16_t)((to - offset + 2 * DAY_MINUTES) % DAY_MINUTES);
	return HUB_OK;
}

static hub_status read_values(const alarm_wish *w, alarm_rule *r, hub_fault *fault)
{
	hub_status st = read_quantity(w, r, fault);
	if (st != HUB_OK)
		return st;
	const quantity *q = quantity_by_number(r->quantity);
	st = value_of(q, w, w->raise ? w->raise : "", "raise", &r->raise, fault);
	r->clear = r->raise;
	if (st == HUB_OK && w->clear && *w->clear)
		st = value_of(q, w, w->clear, "clear", &r->clear, fault);
	int d = st == HUB_OK ? decimal_cmp(decimal_of_value(r->clear), decimal_of_value(r->raise)) : 0;
	if (st == HUB_OK && (!strcmp(r->kind, "value_over") ? d > 0 : d < 0))
		st = hub_fault_set(fault, "alarm.hysteresis", "clear",
				   "an alarm is cleared at or behind the value that raises it, not beyond it");
	return st;
}

static hub_status check(const alarm_wish *w, alarm_rule *r, hub_fault *fault)
{
	static const char *const standings[] = { "safe", "user" }, *const severities[] = { "minor", "major", "critical" };
	const kind_row *k = kind_find(w->kind ? w->kind : "");
	if (!k)
		return hub_fault_set(fault, "alarm.kind", "kind",
				     "'%.40s' is no kind: value_over, value_under, source_silent, delivery_dead, charger_fault, meter_silent",
				     w->kind ? w->kind : "");
	r->kind = k->name;
	hub_status st = one_of(standings, 2, r->standing, "standing", fault);
	if (st == HUB_OK)
		st = one_of(severities, 3, r->severity, "severity", fault);
	if (st == HUB_OK && (r->hold < 0 || r->clear_hold < 0 || r->hold > HOLD_DAYS * DAY || r->clear_hold > HOLD_DAYS * DAY ||
			     (k->needs_hold && !r->hold)))
		st = hub_fault_set(fault, "alarm.hold", "hold", "a time up to %d days%s", HOLD_DAYS,
				   k->needs_hold ? ", and not nothing for this kind" : "");
	if (st == HUB_OK && (k->needs_point ? !*w->point : *w->point && !k->may_point))
		st = hub_fault_set(fault, "alarm.point", "point", "%s is about %s", k->name,
				   k->needs_point ? "a point" : "the party's own sources or deliveries, not a point");
	if (st == HUB_OK && (!*r->set_by || strlen(r->set_by) > PERSON_MAX || strlen(r->subject) > 64 || strlen(r->channel) > 32))
		st = hub_fault_set(fault, "alarm.text", "by", "who sets it is named in at most %d bytes", PERSON_MAX);
	if (st == HUB_OK && r->cut_off && (!k->value || strcmp(r->standing, "safe") != 0))
		st = hub_fault_set(fault, "alarm.cut_off", "cut_off", "only a safe value of a point cuts off");
	if (st == HUB_OK)
		st = read_quiet(w, r, fault);
	if (st == HUB_OK && !strcmp(k->name, "meter_silent"))
		return read_quantity(w, r, fault);
	return st == HUB_OK && k->value ? read_values(w, r, fault) : st;
}

static hub_status permit_rule(store *db, const alarm_caller *who, const alarm_rule *r, arena *a, hub_fault *fault)
{
	const char *action = r->cut_off ? "disconnect" : !strcmp(r->standing, "safe") ? "command" : "watch";
	bool may = r->party == who->party->id;
	hub_status st = r->point ? alarm_may(db, who, r->point, action, a, &may) : HUB_OK;
	if (st == HUB_OK && !may)
		st = denied(fault, who, r->cut_off ? "cut off" : !strcmp(r->standing, "safe") ? "set a safe value" : "set a value");
	return st;
}

hub_status alarm_rules_set(store *db, const alarm_caller *who, const alarm_wish *w, arena *a, alarm_rule *ret,
			   hub_fault *fault)
{
	alarm_rule r = { .party = who->party->id,
			 .standing = w->standing && *w->standing ? w->standing : "user",
			 .channel = w->channel ? w->channel : "",
			 .severity = w->severity && *w->severity ? w->severity : "major",
			 .subject = w->subject ? w->subject : "",
			 .hold = w->hold,
			 .clear_hold = w->clear_hold,
			 .cut_off = w->cut_off,
			 .set_by = w->by ? w->by : "" };
	int64_t id;
	point p;
	hub_status st = check(w, &r, fault);
	if (st == HUB_OK && *w->point) {
		st = point_by_code(db, w->point, a, &p);
		if (st == HUB_MISSING)
			hub_fault_set(fault, "alarm.point", "point", "there is no point '%.64s'", w->point);
		r.point = st == HUB_OK ? p.id : 0;
	}
	if (st == HUB_OK)
		st = permit_rule(db, who, &r, a, fault);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, alarm_rule_add(db, &r, &id, fault));
	return st == HUB_OK ? alarm_rule_get(db, id, a, ret) : st;
}

static hub_status rule_of(store *db, const alarm_caller *who, int64_t id, arena *a, alarm_rule *ret, hub_fault *fault)
{
	hub_status st = alarm_rule_get(db, id, a, ret);
	if (st == HUB_OK)
		st = permit_rule(db, who, ret, a, fault);
	if (st == HUB_MISSING || st == HUB_DENIED) {
		hub_fault_set(fault, "alarm.unknown", "id", "there is no rule %lld that you may change", (long long)id);
		return HUB_MISSING;
	}
	return st;
}

hub_status alarm_rules_end(store *db, const alarm_caller *who, int64_t id, arena *a, hub_fault *fault)
{
	alarm_rule r;
	hub_status st = rule_of(db, who, id, a, &r, fault);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st != HUB_OK)
		return st;
	st = store_scope_end(db, alarm_rule_end(db, id));
	if (st == HUB_MISSING)
		hub_fault_set(fault, "alarm.unknown", "id", "rule %lld has ended", (long long)id);
	return st;
}

hub_status alarm_rules_approve(store *db, const alarm_caller *who, int64_t id, const char *by, arena *a, alarm_rule *ret,
			       hub_fault *fault)
{
	hub_status st = rule_of(db, who, id, a, ret, fault);
	if (st == HUB_OK && (!by || !*by || strlen(by) > PERSON_MAX))
		return hub_fault_set(fault, "alarm.text", "by", "the second person is named in at most %d bytes", PERSON_MAX);
	if (st == HUB_OK)
		st = store_scope(db);
	if (st == HUB_OK)
		st = store_scope_end(db, alarm_rule_approve(db, id, by));
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "alarm.state", "id", "a rule that cuts off is approved once, by another person than %s",
			      ret->set_by);
	return st == HUB_OK ? alarm_rule_get(db, id, a, ret) : st;
}

hub_status alarm_rules_acknowledge(store *db, const alarm_caller *who, int64_t id, const char *by, const char *note, arena *a,
				   alarm_row *ret, hub_fault *fault)
{
	bool may = false;
	hub_status st = alarm_get(db, id, a, ret);
	if (st == HUB_OK)
		may = ret->party == who->party->id;
	if (st == HUB_OK && ret->point && !may)
		st = alarm_may(db, who, ret->point, "watch", a, &may);
	if (st == HUB_MISSING || (st == HUB_OK && !may)) {
		hub_fault_set(fault, "alarm.unknown", "id", "there is no alarm %lld that you may see", (long long)id);
		return HUB_MISSING;
	}
	if (st == HUB_OK && (!by || !*by || strlen(by) > PERSON_MAX || strlen(note) > NOTE_MAX))
		return hub_fault_set(fault, "alarm.text", "by", "who acknowledges is named in at most %d bytes, a note has %d",
				     PERSON_MAX, NOTE_MAX);
	if (st == HUB_OK)
		st = alarm_acknowledge(db, id, by, note);
	if (st == HUB_CONFLICT)
		hub_fault_set(fault, "alarm.state", "id", "%s acknowledged it", ret->acknowledged_by);
	return st == HUB_OK ? alarm_get(db, id, a, ret) : st;
}
